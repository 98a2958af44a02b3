use std::fs;
use std::path::Path;

use hl7v2::fuzz;

#[test]
fn every_file_of_the_corpora_keeps_the_promises() {
    for (name, target) in [
        ("parse", fuzz::parse as fn(&[u8])),
        ("escape", fuzz::escape),
        ("timestamp", fuzz::timestamp),
        ("mllp", fuzz::mllp),
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!files.is_empty(), "{name}");
        for file in files {
            println!("{}", file.display());
            target(&fs::read(&file).unwrap());
        }
    }
}
