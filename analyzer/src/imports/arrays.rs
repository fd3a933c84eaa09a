//! Arrays of NumPy in NPY files and NPZ archives, read value by value in the order in which they lie there.

use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use half::f16;
use logformat::{NpyBytes, npz_arrays};
use npyz::{DType, Deserialize, NpyFile, Order, TypeChar};

use crate::error::AnalyzerError;
use crate::logs::table_frame::refusal;

/// Where an array lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Array {
    path: PathBuf,
    /// In an archive.
    name: Option<String>,
    pub(crate) shape: Vec<usize>,
    /// Whether the first index changes fastest.
    is_fortran: bool,
}

type Bytes = BufReader<NpyBytes>;

impl Array {
    /// The array of an NPY file.
    pub(crate) fn in_file(path: &Path) -> Result<Self, AnalyzerError> {
        Self::described(path, None)
    }

    /// The array of this name in an NPZ archive; `None` where there is none.
    pub(crate) fn in_archive(path: &Path, name: &str) -> Result<Option<Self>, AnalyzerError> {
        let names = names(path)?;
        let is_there = names.iter().any(|found| found == name);
        is_there
            .then(|| Self::described(path, Some(name.to_owned())))
            .transpose()
    }

    fn described(path: &Path, name: Option<String>) -> Result<Self, AnalyzerError> {
        let mut array = Self {
            path: path.to_owned(),
            name,
            shape: Vec::new(),
            is_fortran: false,
        };
        let file = array.open()?;
        let lengths = file
            .shape()
            .iter()
            .map(|&length| usize::try_from(length).ok());
        let lengths: Option<Vec<usize>> = lengths.collect();
        let shape = lengths.filter(|shape| {
            shape
                .iter()
                .try_fold(1_usize, |all, &one| all.checked_mul(one))
                .is_some()
        });
        array.is_fortran = file.order() == Order::Fortran;
        array.shape = shape.ok_or_else(|| array.refusal("promises more than can be".to_owned()))?;
        Ok(array)
    }

    fn open(&self) -> Result<NpyFile<Bytes>, AnalyzerError> {
        let (bytes, length) = self.bytes()?;
        let file = NpyFile::new(bytes).map_err(|error| {
            self.refusal(format!(
                "is no sound array of NumPy ({error}); save it by np.save"
            ))
        })?;
        let DType::Plain(kind) = file.dtype() else {
            return Err(self.wrong_type(&file.dtype()));
        };
        // The header and the values are all that is there.
        let values = kind.num_bytes().unwrap_or(0) as u64;
        if file
            .len()
            .checked_mul(values)
            .is_none_or(|bytes| bytes > length)
        {
            return Err(self.refusal(format!(
                "promises {} values and has {length} bytes; it was cut off, so save it again",
                file.len()
            )));
        }
        Ok(file)
    }

    /// The bytes of the NPY file, and how many there are at most.
    fn bytes(&self) -> Result<(Bytes, u64), AnalyzerError> {
        let bytes = match &self.name {
            None => NpyBytes::of_file(&self.path),
            Some(name) => NpyBytes::of_archive(&self.path, name),
        };
        let bytes = bytes.map_err(|error| unread(&self.path, error))?;
        let length = bytes.length;
        Ok((BufReader::new(bytes), length))
    }

    /// Visits all values with their indices in the array; `visit` says whether to go on.
    pub(crate) fn for_each(
        &self,
        mut visit: impl FnMut(&[usize], f64) -> Result<bool, AnalyzerError>,
    ) -> Result<(), AnalyzerError> {
        let file = self.open()?;
        let mut at = vec![0; self.shape.len()];
        let mut values = self.numbers(file)?;
        while let Some(value) = values.next().transpose()? {
            if !visit(&at, value)? {
                break;
            }
            self.step(&mut at);
        }
        Ok(())
    }

    /// All texts, where it holds texts.
    pub(crate) fn texts(&self) -> Result<Option<Vec<String>>, AnalyzerError> {
        let file = self.open()?;
        let is_text = match file.dtype() {
            DType::Plain(kind) => {
                matches!(kind.type_char(), TypeChar::UnicodeStr | TypeChar::ByteStr)
            }
            _ => false,
        };
        let texts = is_text.then(|| file.into_vec()).transpose();
        texts.map_err(|error| self.unfinished(&error))
    }

    /// To the index of the next value.
    fn step(&self, at: &mut [usize]) {
        let axes = at.len();
        for axis in 0..axes {
            let axis = if self.is_fortran {
                axis
            } else {
                axes - 1 - axis
            };
            at[axis] += 1;
            if at[axis] < self.shape[axis] {
                return;
            }
            at[axis] = 0;
        }
    }

    /// Whether all values with the same first index lie together, in the order of these.
    pub(crate) fn has_first_axis_outermost(&self) -> bool {
        !self.is_fortran
    }

    fn numbers(
        &self,
        file: NpyFile<Bytes>,
    ) -> Result<Box<dyn Iterator<Item = Result<f64, AnalyzerError>> + '_>, AnalyzerError> {
        let dtype = file.dtype();
        let DType::Plain(kind) = &dtype else {
            return Err(self.wrong_type(&dtype));
        };
        match (kind.type_char(), kind.size_field()) {
            (TypeChar::Float, 2) => self.values::<f16>(file, f64::from),
            (TypeChar::Float, 4) => self.values::<f32>(file, f64::from),
            (TypeChar::Float, 8) => self.values::<f64>(file, f64::from),
            (TypeChar::Bool, _) => self.values::<bool>(file, |flag| f64::from(u8::from(flag))),
            (TypeChar::Int, 1) => self.values::<i8>(file, f64::from),
            (TypeChar::Int, 2) => self.values::<i16>(file, f64::from),
            (TypeChar::Int, 4) => self.values::<i32>(file, f64::from),
            (TypeChar::Int, 8) => self.values::<i64>(file, |value| value as f64),
            (TypeChar::Uint, 1) => self.values::<u8>(file, f64::from),
            (TypeChar::Uint, 2) => self.values::<u16>(file, f64::from),
            (TypeChar::Uint, 4) => self.values::<u32>(file, f64::from),
            (TypeChar::Uint, 8) => self.values::<u64>(file, |value| value as f64),
            _ => Err(self.wrong_type(&dtype)),
        }
    }

    fn values<'a, T: Deserialize + 'a>(
        &'a self,
        file: NpyFile<Bytes>,
        number: impl Fn(T) -> f64 + 'a,
    ) -> Result<Box<dyn Iterator<Item = Result<f64, AnalyzerError>> + 'a>, AnalyzerError> {
        let dtype = file.dtype();
        let values = file.data::<T>().map_err(|_| self.wrong_type(&dtype))?;
        Ok(Box::new(values.map(move |value| {
            value.map(&number).map_err(|error| self.unfinished(&error))
        })))
    }

    fn unfinished(&self, error: &io::Error) -> AnalyzerError {
        self.refusal(format!(
            "cannot be read to its end ({error}); save it again"
        ))
    }

    fn wrong_type(&self, dtype: &DType) -> AnalyzerError {
        let type_name = dtype.descr();
        self.refusal(format!(
            "has values of the type {type_name}; save it as numbers, such as array.astype(\"float32\")"
        ))
    }

    /// What is wrong with it.
    pub(crate) fn refusal(&self, reason: String) -> AnalyzerError {
        match &self.name {
            Some(name) => refusal(&self.path, format!("the array {name} {reason}")),
            None => refusal(&self.path, reason),
        }
    }

    /// Its shape as NumPy tells it.
    pub(crate) fn told_shape(&self) -> String {
        let lengths: Vec<String> = self.shape.iter().map(ToString::to_string).collect();
        format!("({})", lengths.join(", "))
    }
}

/// The names of the arrays in an archive.
pub(crate) fn names(path: &Path) -> Result<Vec<String>, AnalyzerError> {
    npz_arrays(path).map_err(|error| unread(path, error))
}

/// What is wrong with an archive, or with reading it.
fn unread(path: &Path, error: io::Error) -> AnalyzerError {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::Unsupported => refusal(
            path,
            format!("is no sound archive of NumPy ({error}); save it again with np.savez"),
        ),
        _ => AnalyzerError::Read {
            path: path.to_owned(),
            source: error,
        },
    }
}
