//! The end of every exchange: what was learned becomes a span, however it went.

use super::limit;
use crate::{exchange::Exchange, server::Gateway, telemetry::Event};

pub(crate) fn record(gateway: &Gateway, mut exchange: Exchange) {
    exchange.duration = exchange.started.elapsed();
    if exchange.charged && exchange.cost.is_none() {
        price_without_answer(&mut exchange);
    }
    if exchange.principal.is_none() {
        // Nobody's: there is no organization to show it to, but somebody may be trying keys.
        gateway.telemetry.metrics.auth_failed(exchange.outcome.error_type.as_deref().unwrap_or_default());
        return;
    }
    limit::spent(gateway, &exchange);
    gateway.telemetry.push(Event::Span(Box::new(exchange)));
}

/// A call that timed out after it was sent costs what is known of it (contract 5.1).
fn price_without_answer(exchange: &mut Exchange) {
    let Some(server) = &exchange.server else { return };
    let input = gatewayops_proto::money::estimated_tokens(exchange.input_bytes);
    let (price, id) = server.price(exchange.tool.as_deref().unwrap_or_default());
    (exchange.input_tokens, exchange.output_tokens) = (Some(input), Some(0));
    exchange.cost = Some((price.cost(input, 0), id));
    if let Some(texts) = &mut exchange.texts {
        texts.unanswered(price);
    }
}
