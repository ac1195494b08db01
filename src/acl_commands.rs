//! ACL rules by version.
