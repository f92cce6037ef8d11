pub(crate) mod environment;
pub(crate) mod exit;
pub(crate) mod identity;
pub(crate) mod rejections;
pub(crate) mod report_error;
pub(crate) mod signals;
pub(crate) mod stdio;
pub(crate) mod usage;
