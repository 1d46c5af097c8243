"""Where the kernel runs: `local` on one machine."""
