/// The value of a Date field for a response that leaves now (RFC 9110 section
/// 6.6.1).
pub fn now() -> ImfFixdate {
    imf_fixdate(SystemTime::now())
}
