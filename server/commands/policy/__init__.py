"""The life of a rule book: draft, submission, decision, publication, narrowing, examples."""
