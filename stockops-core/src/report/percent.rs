//! Shares and skills in per cent, as many digits as mean something.

/// A skill below this is no number that means anything: the rule made nearly no error, as on a series that hardly moves.
const LEAST_SKILL: f64 = -10.0;

/// A skill with its sign, such as `+8.1 %`.
pub(super) fn skill(skill: f64) -> String {
    if skill < LEAST_SKILL {
        return format!("under {:.0} %", 100.0 * LEAST_SKILL);
    }
    format!("{:+.1} %", 100.0 * skill)
}

/// How much smaller or larger errors are, such as `8.1 %`.
pub(super) fn size(skill: f64) -> String {
    if skill < LEAST_SKILL {
        format!("more than {:.0} %", -100.0 * LEAST_SKILL)
    } else {
        format!("{:.1} %", 100.0 * skill.abs())
    }
}

/// Per cent without their sign: one digit behind the point, or two where one says nothing.
pub(super) fn width(percent: f64) -> String {
    if percent.abs() < 0.1 { format!("{percent:.2}") } else { format!("{percent:.1}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_mean_nothing_are_left_out() {
        assert_eq!(
            [0.081, -0.5, -9.99, -1e11, 0.0].map(skill),
            ["+8.1 %", "-50.0 %", "-999.0 %", "under -1000 %", "+0.0 %"]
        );
        assert_eq!([0.081, -0.5, -1e11].map(size), ["8.1 %", "50.0 %", "more than 1000 %"]);
        assert_eq!([1.234, 0.1, 0.02, 0.0].map(width), ["1.2", "0.1", "0.02", "0.00"]);
    }
}
