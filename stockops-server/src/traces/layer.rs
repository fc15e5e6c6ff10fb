//! `Gather`: what a subscriber calls as spans begin, learn something and end.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::Traces;
use super::span::{Event, Fields, Open, Place, Value, now};

/// The field that names the place of whoever calls.
const PARENT: &str = "traceparent";

pub(super) struct Gather {
    pub(super) traces: Traces,
}

impl<S> Layer<S> for Gather
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let parent = span.parent().and_then(|parent| parent.extensions().get::<Open>().map(|open| open.place));
        let place = parent.map_or_else(|| Place::root(self.traces.config.ratio), Place::child);
        let mut open = Open::new(attributes.metadata().name(), place, parent.map(|parent| parent.span));
        attributes.record(&mut Visitor(&mut open.fields));
        self.stand_behind(&mut open);
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            values.record(&mut Visitor(&mut open.fields));
            self.stand_behind(open);
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let Some(span) = context.event_span(event) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            let mut fields = Vec::new();
            event.record(&mut Visitor(&mut fields));
            let is_message = |(name, _): &(&str, Value)| *name == "message";
            let name = match fields.iter().position(is_message).map(|place| fields.remove(place).1) {
                Some(Value::Text(message)) => message,
                _ => event.metadata().name().to_owned(),
            };
            open.is_error |= *event.metadata().level() == Level::ERROR;
            open.happened(Event { at: now(), name, fields });
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(open) = context.span(&id).and_then(|span| span.extensions_mut().remove::<Open>()) else { return };
        // Probes and scrapes would be most of what is sent.
        if open.place.is_sent && open.field("probe").is_none() {
            self.traces.exporter.send(Open { ended: now(), ..open });
        }
    }
}

impl Gather {
    /// Where a span says who calls, it goes on in that trace.
    fn stand_behind(&self, open: &mut Open) {
        let Some(position) = open.fields.iter().position(|(name, _)| *name == PARENT) else { return };
        if let (_, Value::Text(header)) = open.fields.remove(position)
            && let Ok(caller) = header.parse::<Place>()
        {
            let own = if self.traces.config.by_parent { caller.is_sent } else { open.place.is_sent };
            open.place = Place { is_sent: own, ..caller.child() };
            open.parent = Some(caller.span);
        }
    }
}

/// Writes fields down.
struct Visitor<'f>(&'f mut Fields);

impl Visit for Visitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), Value::Text(value.to_owned())));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.push((field.name(), Value::Integer(value)));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.push((field.name(), Value::Integer(value.try_into().unwrap_or(i64::MAX))));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.push((field.name(), Value::Number(value)));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.push((field.name(), Value::Bool(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push((field.name(), Value::Text(format!("{value:?}"))));
    }
}
