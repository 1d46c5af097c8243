"""One citizen's affairs: two ids made one, objection, access report, erasing, and the label explained."""
