"""Where the kernel runs: `local` on one machine, `spark` on many; `choice` finds the one that was asked for."""
