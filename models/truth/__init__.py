"""The truth: hospital messages become stays, stays become labels, and each can be accounted for."""
