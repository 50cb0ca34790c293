//! Stripe's amounts: whole numbers of a currency's minor unit, written out as decimal text in major units.
//! Reference: <https://docs.stripe.com/currencies>.

use serde_json::Value;

use crate::payment_data::currency;

/// ISK and UGX have no minor unit any more, but Stripe still counts them in hundredths; IDR likewise has two places.
const WHOLE: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
];
const THOUSANDTHS: &[&str] = &["BHD", "JOD", "KWD", "OMR", "TND"];

/// A member of an object that has a `currency` beside it, in major units; `None` without either.
pub(super) fn major(object: &Value, name: &str) -> Option<String> {
    let minor = object.get(name)?.as_i64()?;
    let code = currency(object)?;
    let places = match code.as_str() {
        code if WHOLE.contains(&code) => 0,
        code if THOUSANDTHS.contains(&code) => 3,
        _ => 2,
    };
    if places == 0 {
        return Some(minor.to_string());
    }
    let unit = 10_u64.pow(places);
    let sign = if minor < 0 { "-" } else { "" };
    let digits = minor.unsigned_abs();
    Some(format!("{sign}{}.{:0width$}", digits / unit, digits % unit, width = places as usize))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_currency_decides_where_the_point_stands() {
        for (amount, code, expected) in [
            (150_000, "usd", "1500.00"),
            (5, "usd", "0.05"),
            (-105, "eur", "-1.05"),
            (500, "jpy", "500"),
            (5_124, "kwd", "5.124"),
            (15_000_000, "idr", "150000.00"),
            (500, "ugx", "5.00"),
            (500, "isk", "5.00"),
        ] {
            assert_eq!(major(&json!({"amount": amount, "currency": code}), "amount").as_deref(), Some(expected), "{code}");
        }
        assert_eq!(major(&json!({"amount": i64::MIN, "currency": "usd"}), "amount").as_deref(), Some("-92233720368547758.08"));
        assert_eq!(major(&json!({"amount": "5", "currency": "usd"}), "amount"), None);
        assert_eq!(major(&json!({"amount": 5}), "amount"), None);
    }
}
