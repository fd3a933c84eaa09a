//! Files of PyTorch 2.15 (`torch.save`): `zipped.pth` is a state dict behind `module.`, `old.pth` the same in a
//! checkpoint in the format before 2020, and `code.pth` calls `os.system` beside a tensor.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::pretrained::weights::file::Weights;

const ZIPPED: &[u8] = include_bytes!("tests/zipped.pth");
const OLD: &[u8] = include_bytes!("tests/old.pth");
const CODE: &[u8] = include_bytes!("tests/code.pth");

fn written(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("weights");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn refusal(bytes: &[u8]) -> Option<String> {
    let (_folder, path) = written(bytes);
    let error = Weights::open(&path).err()?.to_string();
    assert_eq!(error.lines().count(), 1, "{error}");
    Some(error)
}

#[test]
fn both_formats_of_pytorch_are_read_with_wrapped_names_and_half_precision() {
    for bytes in [ZIPPED, OLD] {
        let (_folder, path) = written(bytes);
        let weights = Weights::open(&path).unwrap();
        let take = |name, shape: &[usize]| weights.take("net", name, shape).unwrap();
        assert_eq!(take("a.weight", &[2, 3]), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(take("a.turned", &[3, 2]), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        assert_eq!(take("half", &[2]), [0.5, -2.0]);
        assert_eq!(weights.left_over(), (3, vec!["brain".to_owned()]));
        assert_eq!(take("brain", &[1]), [1.5]);
    }
}

#[test]
fn weights_of_another_network_are_refused_by_the_first_parameter_and_both_shapes() {
    let (_folder, path) = written(ZIPPED);
    let weights = Weights::open(&path).unwrap();
    let refused = |name, shape: &[usize]| weights.take("net", name, shape).unwrap_err().to_string();
    let other = refused("a.weight", &[3, 3]);
    assert!(
        other.contains("not those of net: the parameter a.weight is 2×3 there, but 3×3"),
        "{other}"
    );
    let missing = refused("fc.bias", &[9]);
    assert!(
        missing.contains("its parameter fc.bias (9) is not among the 4 there, such as a.turned"),
        "{missing}"
    );
}

#[test]
fn a_pickle_that_would_run_code_is_refused_by_the_name_of_what_it_would_call() {
    let error = refusal(CODE).unwrap();
    assert!(error.contains("would call posix.system"), "{error}");
    // As pickle writes it by hand: the function by two texts, and an empty call.
    let by_hand = b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93)R.";
    let error = refusal(by_hand).unwrap();
    assert!(error.contains("would call builtins.eval"), "{error}");
}

#[test]
fn a_file_that_was_cut_anywhere_is_refused_in_a_line() {
    let safe = safetensors_bytes();
    for whole in [ZIPPED, OLD, &safe] {
        for length in 0..whole.len() {
            assert!(
                refusal(&whole[..length]).is_some(),
                "{length} of {}",
                whole.len()
            );
        }
    }
}

/// The checksums of the archive notice what is in its files; what is around them says where they lie.
#[test]
fn no_flipped_bit_of_an_archive_changes_a_weight() {
    let (_folder, path) = written(ZIPPED);
    let weights = Weights::open(&path).unwrap();
    let values = |weights: &Weights| weights.take("net", "a.weight", &[2, 3]).ok();
    let expected = values(&weights);
    for at in 0..ZIPPED.len() {
        let mut bytes = ZIPPED.to_vec();
        bytes[at] ^= 1 << (at % 8);
        let (_folder, path) = written(&bytes);
        if let Ok(weights) = Weights::open(&path) {
            let found = values(&weights);
            assert!(found.is_none() || found == expected, "byte {at}");
        }
    }
}

/// Of a few megabytes, and each nested a million deep: tuples, lists that are filled from within and from without.
#[test]
fn a_chain_of_collections_is_no_chain_of_calls() {
    const DEPTH: usize = 1_000_000;
    let tuples = [&b")"[..], &vec![0x85; DEPTH]].concat();
    let inward = [vec![b']'; DEPTH], vec![b'a'; DEPTH - 1]].concat();
    // Each new list is noted, put into the one before, and called back.
    let outward = [&b"]"[..], &b"]q\x00ah\x00".repeat(DEPTH)].concat();
    for chain in [tuples, inward, outward] {
        let error = refusal(&[b"\x80\x02", &chain[..], b"."].concat()).unwrap();
        assert!(error.contains("no weights"), "{error}");
    }
}

fn safetensors_bytes() -> Vec<u8> {
    let values: Vec<u8> = [1f32, 2.0]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![2], &values);
    safetensors::serialize([("a", view.unwrap())], None).unwrap()
}

#[test]
fn safetensors_are_read_and_other_files_are_not() {
    let (_folder, path) = written(&safetensors_bytes());
    let weights = Weights::open(&path).unwrap();
    assert_eq!(weights.take("net", "a", &[2]).unwrap(), [1.0, 2.0]);
    for bytes in [
        &b""[..],
        b"not weights at all",
        b"\x80\x02}.",
        b"PK\x03\x04",
    ] {
        let error = refusal(bytes).unwrap();
        assert!(
            error.contains("no weights") || error.contains("zip archive"),
            "{error}"
        );
    }
}

#[test]
fn weights_that_are_not_finite_are_refused() {
    let mut bytes = safetensors_bytes();
    let last = bytes.len() - 4;
    bytes[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    let (_folder, path) = written(&bytes);
    let error = Weights::open(&path).unwrap().take("net", "a", &[2]);
    assert!(error.unwrap_err().to_string().contains("not finite"));
}
