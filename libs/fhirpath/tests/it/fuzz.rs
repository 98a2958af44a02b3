use std::fs;
use std::path::Path;

use fhirpath::fuzz;

#[test]
fn every_file_of_the_corpora_keeps_the_promises() {
    for (name, target) in [("compile", fuzz::compile as fn(&[u8])), ("evaluate", fuzz::evaluate)] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!files.is_empty(), "{name}");
        for file in files {
            println!("{}", file.display());
            target(&fs::read(&file).unwrap());
        }
    }
}
