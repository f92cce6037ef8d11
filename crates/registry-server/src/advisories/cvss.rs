//! The base score of a vector of the Common Vulnerability Scoring System, versions 3.0 and 3.1.
//!
//! Source: section 7 of its specification. Vectors of version 4 are shown without a score.

/// The score from 0.0 to 10.0; `None` for what is no whole vector of version 3.
pub(super) fn base_score(vector: &str) -> Option<f64> {
    let metrics = vector.strip_prefix("CVSS:3.0/").or_else(|| vector.strip_prefix("CVSS:3.1/"))?;
    let metric = |name: &str| {
        metrics
            .split('/')
            .find_map(|metric| metric.split_once(':').filter(|(key, _)| *key == name))
            .map(|(_, value)| value)
    };
    let is_changed = match metric("S")? {
        "C" => true,
        "U" => false,
        _ => return None,
    };
    let attack_vector = weight(metric("AV")?, &[("N", 0.85), ("A", 0.62), ("L", 0.55), ("P", 0.2)])?;
    let complexity = weight(metric("AC")?, &[("L", 0.77), ("H", 0.44)])?;
    let (low, high) = if is_changed { (0.68, 0.5) } else { (0.62, 0.27) };
    let privileges = weight(metric("PR")?, &[("N", 0.85), ("L", low), ("H", high)])?;
    let interaction = weight(metric("UI")?, &[("N", 0.85), ("R", 0.62)])?;
    let impact = |name: &str| weight(metric(name)?, &[("H", 0.56), ("L", 0.22), ("N", 0.0)]);
    let untouched = (1.0 - impact("C")?) * (1.0 - impact("I")?) * (1.0 - impact("A")?);
    let sub_score = 1.0 - untouched;
    let impact = if is_changed {
        7.52 * (sub_score - 0.029) - 3.25 * (sub_score - 0.02).powi(15)
    } else {
        6.42 * sub_score
    };
    if impact <= 0.0 {
        return Some(0.0);
    }
    let exploitability = 8.22 * attack_vector * complexity * privileges * interaction;
    let factor = if is_changed { 1.08 } else { 1.0 };
    Some(rounded_up((factor * (impact + exploitability)).min(10.0)))
}

/// The word for a score, as npm has it.
pub(super) fn severity(score: f64) -> &'static str {
    match score {
        score if score >= 9.0 => "critical",
        score if score >= 7.0 => "high",
        score if score >= 4.0 => "moderate",
        _ => "low",
    }
}

fn weight(value: &str, weights: &[(&str, f64)]) -> Option<f64> {
    weights.iter().find(|(name, _)| *name == value).map(|(_, weight)| *weight)
}

/// To one digit, upwards: by whole numbers, so that 4.00002 is not taken for more than 4.
fn rounded_up(score: f64) -> f64 {
    let whole = (score * 100_000.0).round() as i64;
    if whole % 10_000 == 0 { whole as f64 / 100_000.0 } else { (whole / 10_000 + 1) as f64 / 10.0 }
}

#[cfg(test)]
mod tests {
    use super::{base_score, severity};

    #[test]
    fn scores_are_those_of_the_specifications_examples() {
        for (vector, score, word) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Some(9.8), "critical"),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", Some(10.0), "critical"),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", Some(6.1), "moderate"),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", Some(7.5), "high"),
            ("CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", Some(1.8), "low"),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", Some(0.0), "low"),
            ("CVSS:3.1/AV:N/AC:L", None, "low"),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", None, "low"),
        ] {
            let found = base_score(vector);
            assert_eq!(found, score, "{vector}");
            assert_eq!(severity(found.unwrap_or(0.0)), word, "{vector}");
        }
    }
}
