//! Reads the pickles that PyTorch writes, and runs nothing of them.
//!
//! A pickle is a program for a small stack machine, and one of its instructions calls any function by its name.
//! A state dict needs a handful of these, all of which only put tensors together: they are known here, and every
//! other name is refused before anything is done with it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::pretrained::weights::number::Number;

/// Deeper nesting than any state dict has.
const MOST_DEPTH: usize = 64;

/// What a pickle is made of. Dictionaries and lists are filled after they were put aside, so they are shared.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    None,
    Whole(i64),
    /// A number or text that weights have no use for.
    Other,
    Text(String),
    Tuple(Rc<Vec<Value>>),
    List(Rc<RefCell<Vec<Value>>>),
    Dictionary(Rc<RefCell<Vec<(Value, Value)>>>),
    Function(Function),
    Storage(Rc<Storage>),
    Tensor(Rc<StoredTensor>),
}

/// Numbers in a row that tensors are views of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Storage {
    /// `None` for numbers that weights are not.
    pub(crate) number: Option<Number>,
    /// Of one of them.
    pub(crate) bytes: usize,
    pub(crate) key: String,
}

/// A tensor as a view of a storage.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StoredTensor {
    pub(crate) storage: Rc<Storage>,
    pub(crate) offset: usize,
    pub(crate) shape: Vec<usize>,
    pub(crate) strides: Vec<usize>,
}

/// The functions and classes that state dicts name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    OrderedDictionary,
    Tensor,
    Parameter,
    Size,
    /// A type of storage: its numbers, where weights can be such, and the bytes of one.
    Storage(Option<Number>, usize),
}

fn function(module: &str, name: &str) -> Option<Function> {
    Some(match (module, name) {
        ("collections", "OrderedDict") => Function::OrderedDictionary,
        ("torch._utils", "_rebuild_tensor_v2" | "_rebuild_tensor") => Function::Tensor,
        ("torch._utils", "_rebuild_parameter") => Function::Parameter,
        ("torch", "Size") => Function::Size,
        ("torch", name) => {
            let (number, bytes) = match name.strip_suffix("Storage")? {
                "Float" => (Some(Number::Float32), 4),
                "Double" => (Some(Number::Float64), 8),
                "Half" => (Some(Number::Float16), 2),
                "BFloat16" => (Some(Number::Brain16), 2),
                "Long" => (None, 8),
                "Int" => (None, 4),
                "Short" => (None, 2),
                "Char" | "Byte" | "Bool" => (None, 1),
                _ => return None,
            };
            Function::Storage(number, bytes)
        }
        _ => return None,
    })
}

/// Why a pickle is not read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PickleError {
    /// It would call this.
    Code(String),
    /// It is none, or a damaged one.
    Damaged(String),
}

type Read<T> = Result<T, PickleError>;

fn damaged<T>(reason: &str) -> Read<T> {
    Err(PickleError::Damaged(reason.to_owned()))
}

/// A pickle that was read.
pub(crate) struct Pickle<'a> {
    pub(crate) value: Value,
    /// All that it names, whatever it is for.
    pub(crate) storages: Vec<Rc<Storage>>,
    /// What lies behind it.
    pub(crate) rest: &'a [u8],
    /// Dropped last.
    _made: Made,
}

/// Every collection that a pickle has made. As each drops what is in it, a chain of them, however long, is one of calls;
/// so all are held until all are empty.
#[derive(Default)]
struct Made(Vec<Value>);

impl Drop for Made {
    fn drop(&mut self) {
        for value in &self.0 {
            match value {
                Value::List(items) => drop(items.take()),
                Value::Dictionary(items) => drop(items.take()),
                Value::None
                | Value::Whole(_)
                | Value::Other
                | Value::Text(_)
                | Value::Tuple(_)
                | Value::Function(_)
                | Value::Storage(_)
                | Value::Tensor(_) => {}
            }
        }
        // A tuple is made of what was there before it.
        while self.0.pop().is_some() {}
    }
}

/// Reads one pickle.
pub(crate) fn read(bytes: &[u8]) -> Read<Pickle<'_>> {
    let mut machine = Machine {
        rest: bytes,
        storages: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: BTreeMap::new(),
        made: Made::default(),
    };
    while machine.step()? {}
    let value = machine.pop()?;
    Ok(Pickle {
        value,
        storages: machine.storages,
        rest: machine.rest,
        _made: machine.made,
    })
}

struct Machine<'a> {
    rest: &'a [u8],
    storages: Vec<Rc<Storage>>,
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: BTreeMap<usize, Value>,
    made: Made,
}

impl<'a> Machine<'a> {
    /// Does one instruction; `false` after the last.
    fn step(&mut self) -> Read<bool> {
        let [instruction] = self.array()?;
        match instruction {
            b'.' => return Ok(false),
            // The version of the pickle, and the length of a part of it.
            0x80 => drop(self.array::<1>()?),
            0x95 => drop(self.array::<8>()?),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.popped_mark()?),
            b'N' => self.push(Value::None),
            0x88 => self.push(Value::Whole(1)),
            0x89 => self.push(Value::Whole(0)),
            b'J' => {
                let number = i32::from_le_bytes(self.array()?);
                self.push(Value::Whole(number.into()));
            }
            b'K' | b'M' | 0x8a => self.whole(instruction)?,
            b'G' => {
                self.array::<8>()?;
                self.push(Value::Other);
            }
            b'X' | 0x8c | b'U' | b'T' => self.text(instruction)?,
            b'B' | b'C' => {
                let length = self.length(instruction == b'B')?;
                self.take(length)?;
                self.push(Value::Other);
            }
            b')' => self.push(Value::Tuple(Rc::default())),
            0x85..=0x87 => {
                let count = usize::from(instruction - 0x84);
                let Some(first) = self.stack.len().checked_sub(count) else {
                    return damaged("its pickle takes what it has not made");
                };
                let items = self.stack.split_off(first);
                self.push(Value::Tuple(Rc::new(items)));
            }
            b't' => {
                let items = self.popped_mark()?;
                self.push(Value::Tuple(Rc::new(items)));
            }
            b']' | 0x8f => self.push(Value::List(Rc::default())),
            b'a' | b'e' | 0x90 => self.append(instruction)?,
            b'}' => self.push(Value::Dictionary(Rc::default())),
            b's' | b'u' => self.set_items(instruction)?,
            b'c' | 0x93 => self.name(instruction)?,
            b'R' | 0x81 => self.call()?,
            // The state of a dictionary: attributes such as `_metadata`.
            b'b' => drop(self.pop()?),
            b'Q' => self.storage()?,
            b'q' | b'r' | 0x94 => self.remember(instruction)?,
            b'h' | b'j' => {
                let at = self.length(instruction == b'j')?;
                match self.memo.get(&at).cloned() {
                    Some(value) => self.push(value),
                    None => return damaged("its pickle remembers what it has not noted"),
                }
            }
            other => {
                return damaged(&format!(
                    "its pickle has an instruction {other:#04x}, which PyTorch does not write"
                ));
            }
        }
        Ok(true)
    }

    fn push(&mut self, value: Value) {
        if let Value::Tuple(_) | Value::List(_) | Value::Dictionary(_) = value {
            self.made.0.push(value.clone());
        }
        self.stack.push(value);
    }

    fn pop(&mut self) -> Read<Value> {
        let least = self.marks.last().copied().unwrap_or(0);
        match self.stack.len() > least {
            true => Ok(self.stack.pop().unwrap_or(Value::None)),
            false => damaged("its pickle takes what it has not made"),
        }
    }

    fn popped_mark(&mut self) -> Read<Vec<Value>> {
        match self.marks.pop() {
            Some(mark) if mark <= self.stack.len() => Ok(self.stack.split_off(mark)),
            _ => damaged("its pickle goes back to no mark"),
        }
    }

    fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        match self.rest.split_at_checked(length) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => damaged("its pickle ends too early"),
        }
    }

    fn array<const LENGTH: usize>(&mut self) -> Read<[u8; LENGTH]> {
        let bytes = self.take(LENGTH)?;
        Ok(bytes.try_into().unwrap_or([0; LENGTH]))
    }

    /// Of one byte, or of four.
    fn length(&mut self, is_long: bool) -> Read<usize> {
        Ok(match is_long {
            true => u32::from_le_bytes(self.array()?) as usize,
            false => usize::from(self.array::<1>()?[0]),
        })
    }

    fn whole(&mut self, instruction: u8) -> Read<()> {
        let length = match instruction {
            b'K' => 1,
            b'M' => 2,
            _ => usize::from(self.array::<1>()?[0]),
        };
        let bytes = self.take(length)?;
        let is_negative = instruction == 0x8a && bytes.last().is_some_and(|last| last & 0x80 != 0);
        let mut number = [if is_negative { 0xff } else { 0 }; 8];
        // PyTorch's magic number is longer than any that means something here.
        self.push(match number.get_mut(..length) {
            Some(part) => {
                part.copy_from_slice(bytes);
                Value::Whole(i64::from_le_bytes(number))
            }
            None => Value::Other,
        });
        Ok(())
    }

    fn text(&mut self, instruction: u8) -> Read<()> {
        let length = self.length(matches!(instruction, b'X' | b'T'))?;
        let bytes = self.take(length)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => self.push(Value::Text(text.to_owned())),
            Err(_) => return damaged("its pickle has a text that is no UTF-8"),
        }
        Ok(())
    }

    fn append(&mut self, instruction: u8) -> Read<()> {
        let items = match instruction {
            b'a' => vec![self.pop()?],
            _ => self.popped_mark()?,
        };
        match self.stack.last() {
            Some(Value::List(list)) => list.borrow_mut().extend(items),
            _ => return damaged("its pickle appends to no list"),
        }
        Ok(())
    }

    fn set_items(&mut self, instruction: u8) -> Read<()> {
        let items = match instruction {
            b's' => {
                let value = self.pop()?;
                vec![self.pop()?, value]
            }
            _ => self.popped_mark()?,
        };
        let (pairs, rest) = items.as_chunks::<2>();
        match self.stack.last() {
            Some(Value::Dictionary(dictionary)) if rest.is_empty() => {
                let pairs = pairs.iter().cloned().map(|[key, value]| (key, value));
                dictionary.borrow_mut().extend(pairs);
            }
            _ => return damaged("its pickle puts items into no dictionary"),
        }
        Ok(())
    }

    fn name(&mut self, instruction: u8) -> Read<()> {
        let (module, name) = match instruction {
            b'c' => (self.line()?, self.line()?),
            _ => match (self.pop()?, self.pop()?) {
                (Value::Text(name), Value::Text(module)) => (module, name),
                _ => return damaged("its pickle names a function by no text"),
            },
        };
        match function(&module, &name) {
            Some(function) => self.push(Value::Function(function)),
            None => return Err(PickleError::Code(format!("{module}.{name}"))),
        }
        Ok(())
    }

    fn line(&mut self) -> Read<String> {
        let end = self.rest.iter().position(|&byte| byte == b'\n');
        let Some(end) = end else {
            return damaged("its pickle ends too early");
        };
        let line = String::from_utf8_lossy(&self.rest[..end]).into_owned();
        self.rest = &self.rest[end + 1..];
        Ok(line)
    }

    fn remember(&mut self, instruction: u8) -> Read<()> {
        let at = match instruction {
            0x94 => self.memo.len(),
            _ => self.length(instruction == b'r')?,
        };
        match self.stack.last() {
            Some(value) => self.memo.insert(at, value.clone()),
            None => return damaged("its pickle notes what it has not made"),
        };
        Ok(())
    }

    fn call(&mut self) -> Read<()> {
        let (arguments, called) = (self.pop()?, self.pop()?);
        let (Value::Tuple(arguments), Value::Function(function)) = (arguments, called) else {
            return damaged("its pickle calls what is no function");
        };
        let made = match (function, &arguments[..]) {
            (Function::OrderedDictionary, _) => Value::Dictionary(Rc::default()),
            (Function::Tensor, arguments) => tensor(arguments)?,
            (Function::Parameter, [tensor @ Value::Tensor(_), ..]) => tensor.clone(),
            (Function::Size, [sizes]) => sizes.clone(),
            _ => return damaged("its pickle calls a function with what it does not take"),
        };
        self.push(made);
        Ok(())
    }

    /// ("storage", type, key, device, count of numbers, …)
    fn storage(&mut self) -> Read<()> {
        let Value::Tuple(told) = self.pop()? else {
            return damaged("its pickle has something that is no storage");
        };
        let [
            _,
            Value::Function(Function::Storage(number, bytes)),
            Value::Text(key),
            ..,
        ] = &told[..]
        else {
            return damaged("its pickle has something that is no storage");
        };
        let storage = Rc::new(Storage {
            number: *number,
            bytes: *bytes,
            key: key.clone(),
        });
        self.storages.push(Rc::clone(&storage));
        self.push(Value::Storage(storage));
        Ok(())
    }
}

/// (storage, offset, shape, strides, …)
fn tensor(arguments: &[Value]) -> Read<Value> {
    let [
        Value::Storage(storage),
        Value::Whole(offset),
        Value::Tuple(shape),
        Value::Tuple(strides),
        ..,
    ] = arguments
    else {
        return damaged("its pickle makes a tensor of what is none");
    };
    let lengths = |values: &[Value]| -> Option<Vec<usize>> {
        let length = |value: &Value| match value {
            Value::Whole(length) => usize::try_from(*length).ok(),
            _ => None,
        };
        values.iter().map(length).collect()
    };
    match (usize::try_from(*offset), lengths(shape), lengths(strides)) {
        (Ok(offset), Some(shape), Some(strides)) if shape.len() == strides.len() => {
            Ok(Value::Tensor(Rc::new(StoredTensor {
                storage: Rc::clone(storage),
                offset,
                shape,
                strides,
            })))
        }
        _ => damaged("its pickle makes a tensor of what is none"),
    }
}

/// The tensors of a state dict by their names: right in the dictionary, or in one in it that is called as training
/// programs call it.
pub(crate) fn state_dict(value: &Value) -> Vec<(String, Rc<StoredTensor>)> {
    const CALLED: [&str; 5] = ["state_dict", "model_state_dict", "model", "net", "teacher"];
    fn tensors(value: &Value, depth: usize) -> Vec<(String, Rc<StoredTensor>)> {
        let Value::Dictionary(items) = value else {
            return Vec::new();
        };
        let items = items.borrow();
        let named = |(key, value): &(Value, Value)| match (key, value) {
            (Value::Text(name), Value::Tensor(tensor)) => Some((name.clone(), Rc::clone(tensor))),
            _ => None,
        };
        let found: Vec<_> = items.iter().filter_map(named).collect();
        if !found.is_empty() || depth == MOST_DEPTH {
            return found;
        }
        let inner = CALLED.iter().find_map(|called| {
            let is_called =
                |(key, _): &&(Value, Value)| matches!(key, Value::Text(name) if name == called);
            items.iter().find(is_called)
        });
        inner.map_or_else(Vec::new, |(_, value)| tensors(value, depth + 1))
    }
    tensors(value, 0)
}
