"""What goes out to other systems: FHIR RiskAssessment, CDS Hooks cards, webhooks, and a client of the API."""
