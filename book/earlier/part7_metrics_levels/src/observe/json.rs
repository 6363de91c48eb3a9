use std::fmt;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<S, N>,
        mut writer: Writer,
        event: &Event,
    ) -> fmt::Result {
        let level = event.metadata().level().to_string();
        let time = seconds(SystemTime::now());
        writeln!(writer, "{}", json!({ "level": level, "time": time }))
    }
}
