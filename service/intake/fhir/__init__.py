"""FHIR R4 to the rows of a drop: MedCom messages, KL Gateway and dk-core shapes, and plain resources.

The readers here take what has a meaning in this product and count the rest. They validate against no profile: a reader
asks for what it needs, wherever a sender put it, and what it cannot find is set aside with the reason. What becomes of
the rows, `service.intake.filing` decides, as for any drop.
"""
