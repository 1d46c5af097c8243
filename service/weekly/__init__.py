"""The weekly list: made, stored as plain data, explained, reviewed, and held against what came."""
