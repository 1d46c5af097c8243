"""The mapping file: what a municipality's own codes, units and columns mean here, judged and proposed."""
