"""The Danish note reader: free text in, mentions out. It holds no state and knows nothing of storage or features."""
