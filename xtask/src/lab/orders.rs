//! What scripts ask of the lab, as JSON lines: `{"order": "nat", "nat": "cone"}`, answered by `{"answer": …}` or
//! `{"error": "…"}`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Lab, Nat, SITES, Site, kill};
use crate::shell::{Failure, Result};

/// The answer to an order.
pub(super) fn answer(lab: &Lab, order: &Value) -> Value {
    match carry_out(lab, order) {
        Ok(answer) => json!({ "answer": answer }),
        Err(failure) => json!({ "error": failure.to_string() }),
    }
}

fn carry_out(lab: &Lab, order: &Value) -> Result<Value> {
    let unknown = || Failure::new(format!("this order is not understood: {order}"));
    match order["order"].as_str() {
        Some("sites") => Ok(sites()),
        Some("nat") => {
            let nat = order["nat"].as_str().and_then(Nat::named).ok_or_else(unknown)?;
            lab.route(nat).map(|()| Value::Null)
        }
        Some("link") => {
            let up = order["up"].as_bool().ok_or_else(unknown)?;
            lab.link(site(order).ok_or_else(unknown)?, up).map(|()| Value::Null)
        }
        Some("pace") => {
            lab.pace(site(order).ok_or_else(unknown)?, order["up"].as_u64(), order["down"].as_u64());
            Ok(Value::Null)
        }
        Some("distance") => {
            let one_way = order["one_way_ms"].as_u64().ok_or_else(unknown)?;
            lab.set_one_way(Duration::from_millis(one_way));
            Ok(Value::Null)
        }
        Some("kill") => {
            kill(site(order).ok_or_else(unknown)?.computer);
            Ok(Value::Null)
        }
        Some("traffic") => Ok(traffic(lab)),
        _ => Err(unknown()),
    }
}

fn site(order: &Value) -> Option<&'static Site> {
    SITES.iter().find(|site| order["site"] == site.name)
}

/// `{"a": {"address": "…", "namespace": "…"}, …}`
fn sites() -> Value {
    let described = |site: &Site| json!({ "address": site.address, "namespace": site.computer });
    SITES.iter().map(|site| (site.name.to_owned(), described(site))).collect()
}

/// `{"a": {"b": 1234, …}, …}`: bytes from a to b.
fn traffic(lab: &Lab) -> Value {
    let went = lab.traffic();
    let from = |from: &Site| -> Value {
        let to = |to: &Site| json!(went.get(&(from.name, to.name)).copied().unwrap_or(0));
        SITES.iter().map(|site| (site.name.to_owned(), to(site))).collect()
    };
    SITES.iter().map(|site| (site.name.to_owned(), from(site))).collect()
}
