//! One operation of a layer, at the address that it means now.

use crate::book::{Address, Change, Operation, OperationKind};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::overlay::state::{Effect, Given, Record};

/// An operation that is about to be applied. Addresses in a layer may be old ones; this is the one of today.
#[derive(Clone, Copy)]
pub struct Step<'s, 'h> {
    /// The index in the chain of the layer that asks for it.
    pub layer: usize,
    /// Where it applies.
    pub address: &'s Address,
    /// The entry of the layer that it stands in, with its reason and its pin.
    pub change: &'h Change,
    /// What is done.
    pub operation: &'h Operation,
}

impl<'h> Step<'_, 'h> {
    /// What is done.
    pub fn kind(&self) -> &'h OperationKind {
        &self.operation.kind
    }

    /// Where it stands in the layer.
    pub fn place(&self) -> &'h Place {
        &self.operation.place
    }

    /// A value that it gives.
    pub fn given<V>(&self, record: usize, value: V) -> Given<V> {
        Given { layer: self.layer, record, value }
    }

    /// What the provenance says of it.
    pub fn record(&self) -> Record {
        Record {
            layer: self.layer,
            address: self.address.to_string(),
            op: self.kind().as_str(),
            place: self.place().clone(),
            reason: self.change.reason.clone(),
            effect: Effect::Some,
            pins: Vec::new(),
        }
    }

    /// The finding that it changes nothing (W204).
    pub fn without_effect(&self, why: &str) -> Diagnostic {
        let message = format!("`{}` changes nothing: {why}", self.kind().as_str());
        Diagnostic::new(Code::W204, self.place().clone(), message).with("remove it")
    }
}
