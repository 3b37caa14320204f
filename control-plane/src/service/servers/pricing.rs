//! Between a server's pricing and its price rows: only what differs is written, and always as a new row.

use rust_decimal::Decimal;
use sqlx::PgConnection;

use crate::{
    error::Result,
    id::{OrgId, ServerId},
    rest::servers::form::{Currency, Pricing, ToolPrice, UnitPrice},
    store::prices::{self, PriceRow},
};

/// The prices in force, as the form shows them.
pub(super) fn form(rows: &[PriceRow]) -> Pricing {
    let mut pricing = Pricing::default();
    for row in rows {
        let [per_call, per_input_token, per_output_token] =
            [row.per_call, row.per_input_token, row.per_output_token].map(UnitPrice);
        match &row.tool_name {
            None => pricing = Pricing { per_call, per_input_token, per_output_token, ..pricing },
            Some(tool_name) => {
                let tool_name = tool_name.clone();
                pricing.tools.push(ToolPrice { tool_name, per_call, per_input_token, per_output_token });
            }
        }
    }
    Pricing { currency: Currency::Usd, ..pricing }
}

/// Makes `wanted` the prices from now on; without `current` there are none yet.
pub(super) async fn set(
    conn: &mut PgConnection,
    org: OrgId,
    server: ServerId,
    current: Option<&Pricing>,
    wanted: &Pricing,
) -> Result<()> {
    if current.map(own) != Some(own(wanted)) {
        prices::insert(conn, org, server, None, Some(own(wanted))).await?;
    }
    let tools = current.map(|pricing| pricing.tools.as_slice()).unwrap_or_default();
    let unit_prices =
        |tools: &[ToolPrice], name: &str| tools.iter().find(|tool| tool.tool_name == name).map(of_tool);
    for tool in &wanted.tools {
        if unit_prices(tools, &tool.tool_name) != Some(of_tool(tool)) {
            prices::insert(conn, org, server, Some(&tool.tool_name), Some(of_tool(tool))).await?;
        }
    }
    for tool in tools {
        if unit_prices(&wanted.tools, &tool.tool_name).is_none() {
            prices::insert(conn, org, server, Some(&tool.tool_name), None).await?;
        }
    }
    Ok(())
}

fn own(pricing: &Pricing) -> [Decimal; 3] {
    [pricing.per_call.0, pricing.per_input_token.0, pricing.per_output_token.0]
}

fn of_tool(tool: &ToolPrice) -> [Decimal; 3] {
    [tool.per_call.0, tool.per_input_token.0, tool.per_output_token.0]
}
