//! HTTP in, HTTP out: routes, status codes, Range.
