//! What an organization wants done about findings.
