//! Builders for tests that see the product from outside.
