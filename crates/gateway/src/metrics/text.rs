//! Prometheus' text format.

use std::fmt::Write as _;

use super::{Family, Kind};

/// The families, one after the other. Names, labels and helps are Slipway's own and hold nothing that would have to
/// be escaped.
pub(super) fn render(families: &[Family]) -> String {
    let mut text = String::new();
    for Family { name, help, kind, label, samples } in families {
        let kind = match kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (value, figure) in samples {
            let _ = if label.is_empty() {
                writeln!(text, "{name} {figure}")
            } else {
                writeln!(text, "{name}{{{label}=\"{value}\"}} {figure}")
            };
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_have_help_type_and_samples() {
        let families = [
            Family { name: "a", help: "An a.", kind: Kind::Gauge, label: "", samples: vec![("", 1)] },
            Family {
                name: "b_total",
                help: "All b.",
                kind: Kind::Counter,
                label: "kind",
                samples: vec![("x", 2), ("y", 3)],
            },
        ];
        let expected = "# HELP a An a.\n# TYPE a gauge\na 1\n# HELP b_total All b.\n# TYPE b_total counter\n\
                        b_total{kind=\"x\"} 2\nb_total{kind=\"y\"} 3\n";
        assert_eq!(render(&families), expected);
    }
}
