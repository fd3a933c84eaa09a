//! Embedding a folder of small photos by a network whose weights a formula makes, and a run on the features that
//! names the photos.

use std::fs;
use std::path::Path;
use std::process::Output;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Int64Type};
use half::f16;
use image::{Rgb, RgbImage};
use logformat::{SampleId, held_out_path, read_sample_table, sample_table_path};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use tempfile::TempDir;
use tests::program::{names, refused, said};

use crate::hub::server::Hub;
use crate::setup;

/// Numbers that only look random.
fn made_up(name: &str, shape: &[usize]) -> Vec<u8> {
    let seed = crc32fast::hash(name.as_bytes());
    let fan_in: usize = shape[1..].iter().product();
    let number = |at: usize| {
        let mixed = (seed ^ (at as u32).wrapping_mul(2_654_435_761)).wrapping_mul(0x9e37_79b1);
        let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca77);
        let x = f64::from(mixed >> 8) / f64::from(1 << 23) - 1.0;
        let number = match name.rsplit('.').next() {
            _ if shape.len() > 1 => x * (6.0 / fan_in as f64).sqrt(),
            Some("weight") => 1.0 + 0.1 * x,
            Some("running_var") => 1.0 + 0.5 * x,
            _ => 0.1 * x,
        };
        f16::from_f32(number as f32).to_le_bytes()
    };
    (0..shape.iter().product()).flat_map(number).collect()
}

/// The parameters of torchvision's resnet18, the classifier for seven classes.
fn resnet18() -> Vec<(String, Vec<usize>)> {
    let mut shapes = Vec::new();
    let mut layer = |conv: String, norm: String, shape: [usize; 4]| {
        shapes.push((format!("{conv}.weight"), shape.to_vec()));
        for parameter in ["weight", "bias", "running_mean", "running_var"] {
            shapes.push((format!("{norm}.{parameter}"), vec![shape[0]]));
        }
    };
    layer("conv1".into(), "bn1".into(), [64, 3, 7, 7]);
    let mut inputs = 64;
    for (stage, outputs) in (1..).zip([64, 128, 256, 512]) {
        for block in 0..2 {
            let name = |layer: &str| format!("layer{stage}.{block}.{layer}");
            layer(name("conv1"), name("bn1"), [outputs, inputs, 3, 3]);
            layer(name("conv2"), name("bn2"), [outputs, outputs, 3, 3]);
            if inputs != outputs {
                layer(
                    name("downsample.0"),
                    name("downsample.1"),
                    [outputs, inputs, 1, 1],
                );
            }
            inputs = outputs;
        }
    }
    shapes.push(("fc.weight".into(), vec![7, 512]));
    shapes.push(("fc.bias".into(), vec![7]));
    shapes
}

/// In half precision, as a network that was trained on several devices is saved.
fn write_weights(path: &Path) {
    let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = resnet18()
        .into_iter()
        .map(|(name, shape)| {
            let bytes = made_up(&name, &shape);
            (format!("module.{name}"), shape, bytes)
        })
        .collect();
    let views = tensors.iter().map(|(name, shape, bytes)| {
        (
            name,
            TensorView::new(Dtype::F16, shape.clone(), bytes).unwrap(),
        )
    });
    fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

fn photo(number: u32) -> RgbImage {
    let value = |channel: u32, x, y| ((31 * channel + 7 * y + 13 * x + 11 * number) % 256) as u8;
    RgbImage::from_fn(24, 20, |x, y| {
        Rgb([0, 1, 2].map(|channel| value(channel, x, y)))
    })
}

/// `count` photos of two classes, and weights.
fn photos(count: u32) -> TempDir {
    let folder = TempDir::new().unwrap();
    for number in 0..count {
        let class = folder
            .path()
            .join("pets")
            .join(["cats", "dogs"][number as usize % 2]);
        fs::create_dir_all(&class).unwrap();
        photo(number)
            .save(class.join(format!("{number:03}.png")))
            .unwrap();
    }
    write_weights(&folder.path().join("net.safetensors"));
    folder
}

fn embed(folder: &Path, arguments: &[&str]) -> Output {
    let words = [
        "embed",
        "--dataset=images",
        "--data=pets",
        "--model=resnet18",
        "--weights=net.safetensors",
        "--image-size=32",
        "--resize=40",
    ];
    setup::command(folder, &[&words, arguments].concat())
        .output()
        .unwrap()
}

fn rows(path: &Path) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap();
    let mut batches = reader.with_batch_size(1 << 20).build().unwrap();
    batches.next().unwrap().unwrap()
}

fn texts(rows: &RecordBatch, column: &str) -> Vec<String> {
    let column = rows.column_by_name(column).unwrap();
    let column = arrow_cast(column);
    column
        .as_string::<i32>()
        .iter()
        .map(|text| text.unwrap().to_owned())
        .collect()
}

/// A column of a dictionary as plain texts.
fn arrow_cast(column: &arrow_array::ArrayRef) -> arrow_array::ArrayRef {
    let column = column.as_dictionary::<arrow_array::types::Int32Type>();
    let values = column.values().as_string::<i32>();
    let texts = column
        .keys()
        .iter()
        .map(|key| values.value(key.unwrap() as usize));
    std::sync::Arc::new(arrow_array::StringArray::from_iter_values(texts))
}

fn features(rows: &RecordBatch) -> Vec<f32> {
    let lists = rows.column_by_name("features").unwrap().as_list::<i32>();
    lists
        .values()
        .as_primitive::<Float32Type>()
        .values()
        .to_vec()
}

#[test]
fn photos_are_embedded_as_pytorch_does_and_a_run_on_the_features_names_them() {
    let folder = photos(24);
    let (stdout, stderr) = said(&embed(folder.path(), &["-o", "pets.parquet"]));
    assert!(
        stdout.starts_with("embedded 24 images by resnet18 in "),
        "{stdout}"
    );
    assert!(stdout.contains("512 features each"), "{stdout}");
    assert!(
        stdout.ends_with("next: recorder run --dataset features --data 'pets.parquet'\n"),
        "{stdout}"
    );
    assert!(
        stderr.contains("100 parameters taken; its classifier is left out"),
        "{stderr}"
    );
    let table = rows(&folder.path().join("pets.parquet"));
    let files = texts(&table, "file");
    assert_eq!(
        (files[0].as_str(), files[12].as_str()),
        ("pets/cats/000.png", "pets/dogs/001.png")
    );
    assert_eq!(texts(&table, "label")[11..13], ["cats", "dogs"]);
    let ids = table.column_by_name("sample_id").unwrap();
    assert_eq!(
        ids.as_primitive::<Int64Type>().values()[..],
        (0..24).collect::<Vec<i64>>()[..]
    );
    // torchvision's Resize(40), CenterCrop(32) and resnet18 of PyTorch 2.15, of photos 0 and 5: images are rounded
    // to bytes once more there, and weights are half as precise.
    let found = features(&table);
    for (row, pytorch) in [
        (0, [0.340_806_8, 0.0, 7.531_371, 4.655_028, 3.065_186, 0.0]),
        (
            14,
            [
                0.700_897_2,
                0.208_682_7,
                7.974_426,
                4.634_545,
                2.219_064,
                0.0,
            ],
        ),
    ] {
        for (found, pytorch) in found[row * 512..].iter().zip(pytorch) {
            assert!((found - pytorch).abs() < 1e-3, "{found} {pytorch}");
        }
    }
    let run = [
        "--dataset=features",
        "--data=pets.parquet",
        "--epochs=2",
        "--name=a",
    ];
    let (_, stderr) = said(&setup::recorder(folder.path(), &run));
    assert!(
        stderr.contains("the features are those of resnet18 for images"),
        "{stderr}"
    );
    assert!(!stderr.contains("left aside"), "{stderr}");
    let log = folder.path().join("logs");
    let samples = read_sample_table(&sample_table_path(&log, "a"), |_| true).unwrap();
    assert_eq!(samples[13].file.as_deref(), Some("pets/dogs/003.png"));
    assert_eq!((samples[13].row, samples[13].given_label), (Some(0), 1));
    assert!(held_out_path(&log, "a", "discriminant").exists());
    // The picture is the photo, which is small.
    let png = samples[13].png.as_deref().unwrap();
    let shown = image::load_from_memory(png).unwrap().into_rgb8();
    assert_eq!(shown, photo(3));
    // Without pictures in the table, or in the run, there are none.
    said(&embed(
        folder.path(),
        &["-o", "bare.parquet", "-q", "--pictures=0"],
    ));
    for (name, data, pictures) in [("b", "bare.parquet", "256"), ("c", "pets.parquet", "0")] {
        let (data, pictures) = (format!("--data={data}"), format!("--pictures={pictures}"));
        let name_option = format!("--name={name}");
        let run = [
            "--dataset=features",
            &data,
            &pictures,
            &name_option,
            "--epochs=2",
            "-q",
        ];
        said(&setup::recorder(folder.path(), &run));
        let samples = read_sample_table(&sample_table_path(&log, name), |_| true).unwrap();
        assert!(samples.iter().all(|sample| sample.png.is_none()), "{name}");
    }
}

#[test]
fn an_array_has_the_same_features_and_a_second_output_needs_overwrite() {
    let folder = photos(4);
    said(&embed(folder.path(), &["-o", "a.parquet", "-q"]));
    let (stdout, _) = said(&embed(folder.path(), &["-o", "a.npy", "-q"]));
    assert!(stdout.contains("an array has no labels"), "{stdout}");
    let array = fs::read(folder.path().join("a.npy")).unwrap();
    let (values, _) = array[128..].as_chunks::<4>();
    let values: Vec<f32> = values
        .iter()
        .map(|&value| f32::from_le_bytes(value))
        .collect();
    assert_eq!(values, features(&rows(&folder.path().join("a.parquet"))));
    let again = embed(folder.path(), &["-o", "a.npy"]);
    refused("recorder", &again, 1, &["a.npy: it is there already"]);
    said(&embed(folder.path(), &["-o", "a.npy", "--overwrite", "-q"]));
    let other = embed(folder.path(), &["-o", "a.txt"]);
    refused(
        "recorder",
        &other,
        2,
        &["features are written to .parquet and .npy files"],
    );
}

#[test]
fn a_stopped_embedding_goes_on_and_unreadable_images_keep_the_ids_of_the_others() {
    let folder = photos(520);
    // The last of all.
    let broken = folder.path().join("pets/dogs/519.png");
    fs::write(&broken, b"\x89PNG\r\n\x1a\n").unwrap();
    let stopped = embed(folder.path(), &["-o", "a.parquet", "-q"]);
    refused("recorder", &stopped, 1, &["519.png", "--skip-unreadable"]);
    assert!(names(folder.path()).contains(&".a.parquet.parts".to_owned()));
    // The first of the dogs, in the first part, which is kept but no longer of these images.
    let (_, stderr) = said(&embed(
        folder.path(),
        &["-o", "a.parquet", "--skip-unreadable"],
    ));
    assert!(
        stderr.contains("features of 512 of 520 images are kept"),
        "{stderr}"
    );
    assert!(
        stderr.contains("left out 1 image that cannot be read:\n  pets/dogs/519.png"),
        "{stderr}"
    );
    assert!(!names(folder.path()).contains(&".a.parquet.parts".to_owned()));
    let table = rows(&folder.path().join("a.parquet"));
    assert_eq!((table.num_rows(), features(&table).len()), (519, 519 * 512));

    fs::write(
        folder.path().join("pets/cats/002.png"),
        b"\x89PNG\r\n\x1a\n",
    )
    .unwrap();
    said(&embed(
        folder.path(),
        &["-o", "b.parquet", "--skip-unreadable", "-q"],
    ));
    let run = [
        "--dataset=features",
        "--data=b.parquet",
        "--epochs=2",
        "--name=a",
    ];
    said(&setup::recorder(folder.path(), &run));
    let path = sample_table_path(&folder.path().join("logs"), "a");
    let samples = read_sample_table(&path, |_| true).unwrap();
    let ids: Vec<i64> = samples
        .iter()
        .take(3)
        .map(|sample| sample.sample_id)
        .collect();
    assert_eq!(ids, [0, 2, 3]);
    assert_eq!(samples[1].file.as_deref(), Some("pets/cats/004.png"));
}

#[test]
fn what_does_not_fit_is_refused_before_any_image_is_read() {
    let folder = photos(4);
    let refuse_with = |status, arguments: &[&str], parts: &[&str]| {
        let words = [&["-q", "-o", "a.parquet"], arguments].concat();
        refused("recorder", &embed(folder.path(), &words), status, parts);
        assert_eq!(names(folder.path()), ["net.safetensors", "pets"]);
    };
    let refuse = |arguments: &[&str], parts: &[&str]| refuse_with(1, arguments, parts);
    refuse(
        &["--model=resnet50"],
        &[
            "not those of resnet50: the parameter layer1.0.conv1.weight is 64×64×3×3 there, but 64×64×1×1",
        ],
    );
    refuse(
        &["--model=efficientnet-lite0"],
        &["_conv_stem.weight (32×3×3×3) is not among the 102 there"],
    );
    refuse(
        &["--weights=pets/cats/000.png"],
        &["000.png: it holds no weights that are known here"],
    );
    refuse(
        &["--weights=none.pth"],
        &["none.pth: the weights cannot be read: No such file"],
    );
    refuse(&["--part=test"], &["pets has no test part"]);
    refuse_with(
        2,
        &["--normalisation=imagenet"],
        &["leave --normalisation out"],
    );
    refuse_with(
        2,
        &["--dataset=features", "--data=net.safetensors"],
        &["has no images to embed"],
    );
}

#[test]
fn a_frozen_backbone_sees_each_image_once_and_changed_ones_again() {
    let folder = photos(24);
    let record = |arguments: &[&str]| {
        let words = [
            "--dataset=images",
            "--data=pets",
            "--image-size=32",
            "--resize=40",
            "--backbone=resnet18",
            "--weights=net.safetensors",
            "--freeze",
            "--epochs=2",
        ];
        said(&setup::recorder(
            folder.path(),
            &[&words, arguments].concat(),
        ))
        .1
    };
    let first = record(&["--name=a"]);
    for part in [
        "computing the features of 24 images, once",
        "with 512 features",
    ] {
        assert!(first.contains(part), "{first}");
    }
    let configuration = setup::configuration(folder.path(), "a");
    assert_eq!(configuration["backbone"], "resnet18");
    assert_eq!(configuration["network"], "mlp");
    // The same run as on the features of a table.
    said(&embed(folder.path(), &["-o", "pets.parquet", "-q"]));
    let of_table = ["--dataset=features", "--data=pets.parquet", "--epochs=2"];
    let of_table = [&of_table[..], &["--name=b", "-q"]].concat();
    said(&setup::recorder(folder.path(), &of_table));
    let margins = |name: &str| {
        setup::read(&folder.path().join(format!("logs/{name}-p1-e0002.parquet"))).margins
    };
    assert_eq!(margins("a"), margins("b"));
    let picture = |name: &str, sample: usize| {
        let path = sample_table_path(&folder.path().join("logs"), name);
        let samples = read_sample_table(&path, |_| true).unwrap();
        let png = samples[sample].png.clone().unwrap();
        image::load_from_memory(&png).unwrap().into_rgb8()
    };
    assert_eq!(picture("a", 13), photo(3));
    assert_eq!(picture("b", 13), photo(3));
    // Another seed and noise need no network.
    let second = record(&["--name=c", "--noise=0.2", "--seed=1", "--data-seed=1"]);
    assert!(
        second.contains("features of 24 of 24 images are kept"),
        "{second}"
    );
    assert!(!second.contains("computing"), "{second}");
    assert_eq!(picture("c", 13), photo(3));
    photo(99)
        .save(folder.path().join("pets/cats/000.png"))
        .unwrap();
    let third = record(&["--name=d"]);
    assert!(
        third.contains("kept features of 1 part are of other images"),
        "{third}"
    );
    assert!(
        third.contains("computing the features of 24 images"),
        "{third}"
    );
    assert_ne!(margins("a"), margins("d"));
    assert_eq!(picture("d", 0), photo(99));
    let flipped = setup::recorder(
        folder.path(),
        &[
            "--dataset=images",
            "--data=pets",
            "--backbone=resnet18",
            "--weights=net.safetensors",
            "--freeze",
            "--flip",
        ],
    );
    refused("recorder", &flipped, 2, &["--flip cannot change it anew"]);
}

#[test]
fn weights_come_from_the_hub_once_with_what_timm_says_of_the_images() {
    let folder = photos(4);
    let weights = fs::read(folder.path().join("net.safetensors")).unwrap();
    let config = r#"{"architecture": "resnet18", "pretrained_cfg": {"input_size": [3, 32, 32], "crop_pct": 0.8,
        "interpolation": "bilinear", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}"#;
    let files = vec![
        ("model.safetensors", weights),
        ("config.json", config.as_bytes().to_vec()),
    ];
    let hub = Hub::of("timm/resnet18.small", files);
    let embed_by = |weights: &str, output: &str, arguments: &[&str]| {
        let words = [
            "embed",
            "--dataset=images",
            "--data=pets",
            "--model=resnet18",
        ];
        let words = [&words, &["--weights", weights, "-o", output][..], arguments].concat();
        let mut command = setup::command(folder.path(), &words);
        for variable in [
            "HF_HUB_CACHE",
            "HF_HUB_OFFLINE",
            "HF_TOKEN",
            "HTTP_PROXY",
            "http_proxy",
        ] {
            command.env_remove(variable);
        }
        command
            .env("HF_HOME", folder.path().join("hf"))
            .env("HF_ENDPOINT", format!("http://127.0.0.1:{}", hub.port))
            .output()
            .unwrap()
    };
    let name = "hub:timm/resnet18.small";
    let (_, stderr) = said(&embed_by(name, "a.npy", &["-q"]));
    assert!(
        stderr.contains("downloading timm/resnet18.small (2 files, "),
        "{stderr}"
    );
    // 0.8 of 40 pixels are 32.
    said(&embed(folder.path(), &["-o", "b.npy", "-q"]));
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    assert!(read("a.npy") == read("b.npy"));
    hub.requests();
    let (_, stderr) = said(&embed_by(name, "c.npy", &["-q", "--offline"]));
    assert_eq!((stderr.as_str(), hub.requests().len()), ("", 0));
    let missing = embed_by("hub:timm/other", "d.npy", &["-q"]);
    refused(
        "recorder",
        &missing,
        1,
        &["timm/other: there is no such thing on the hub"],
    );
    let offline = embed_by("hub:timm/other", "d.npy", &["-q", "--offline"]);
    refused(
        "recorder",
        &offline,
        1,
        &["the network timm/other is not in the cache", "--weights"],
    );
    let no_name = embed_by("hub:../other/..", "d.npy", &["-q"]);
    refused(
        "recorder",
        &no_name,
        1,
        &["this is no repository of a network"],
    );
}

#[test]
fn the_ids_of_the_owner_go_with_the_features() {
    let folder = photos(24);
    let line = |number: u32| {
        let class = ["cats", "dogs"][number as usize % 2];
        format!("pets/{class}/{number:03}.png,{class},k{number}\n")
    };
    let list = "path,label,key\n".to_owned() + &(0..24).map(line).collect::<String>();
    fs::write(folder.path().join("list.csv"), list).unwrap();
    let words = [
        "--dataset=list",
        "--data=list.csv",
        "--id-column=key",
        "-o",
        "ids.parquet",
        "-q",
    ];
    said(&embed(folder.path(), &words));
    let run = ["--dataset=features", "--data=ids.parquet", "--epochs=2"];
    let run = [&run[..], &["--name=a", "-q"]].concat();
    said(&setup::recorder(folder.path(), &run));
    let path = sample_table_path(&folder.path().join("logs"), "a");
    let samples = read_sample_table(&path, |_| true).unwrap();
    assert_eq!(samples[5].id, Some(SampleId::Text("k5".to_owned())));
    assert_eq!(samples[5].file.as_deref(), Some("pets/dogs/005.png"));
}
