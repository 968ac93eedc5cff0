//! Every use case of Refit as a function over the ports.
