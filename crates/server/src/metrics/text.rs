//! The two texts that scrapers read: OpenMetrics 1.0, and Prometheus' older one (version 0.0.4), in which a counter's
//! `# TYPE` carries the whole name with `_total`, an information metric is a gauge, and there is neither unit nor end.

use http::HeaderMap;
use http::header::ACCEPT;

/// A text format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Prometheus,
    OpenMetrics,
}

impl Format {
    /// OpenMetrics where the scraper names it.
    #[must_use]
    pub fn wanted(headers: &HeaderMap) -> Self {
        let names_it = headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.contains("application/openmetrics-text"));
        if names_it { Self::OpenMetrics } else { Self::Prometheus }
    }

    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Rewrites OpenMetrics as it is made here (`HELP` before `TYPE`) into the older text.
pub(super) fn to_prometheus(text: &str) -> String {
    let mut older = String::with_capacity(text.len() + 1_024);
    let mut help: Option<(&str, &str)> = None;
    for line in text.lines() {
        if line == "# EOF" || line.starts_with("# UNIT ") {
            continue;
        }
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ');
            continue;
        }
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            let (suffix, kind) = match kind {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                other => ("", other),
            };
            if let Some((_, words)) = help.take().filter(|(named, _)| *named == name) {
                older.push_str(&format!("# HELP {name}{suffix} {words}\n"));
            }
            older.push_str(&format!("# TYPE {name}{suffix} {kind}\n"));
            continue;
        }
        older.push_str(line);
        older.push('\n');
    }
    older
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_text_names_counters_in_full() {
        let newer = "# HELP a_b Things.\n# TYPE a_b counter\na_b_total{x=\"1\"} 2\n# HELP c_seconds Time.\n# TYPE c_seconds histogram\n\
                     # UNIT c_seconds seconds\nc_seconds_sum 1.5\n# HELP d Build.\n# TYPE d info\nd_info{v=\"1\"} 1\n# EOF\n";
        let older = "# HELP a_b_total Things.\n# TYPE a_b_total counter\na_b_total{x=\"1\"} 2\n# HELP c_seconds Time.\n\
                     # TYPE c_seconds histogram\nc_seconds_sum 1.5\n# HELP d_info Build.\n# TYPE d_info gauge\nd_info{v=\"1\"} 1\n";
        assert_eq!(to_prometheus(newer), older);
    }
}
