//! The independent reference model of spec §5 (tests/model, in Python) agrees with the program on
//! generated handbooks with chains of layers: `LEIDRAAD_MODEL_CASES=10000` for the long run.

use std::process::Command;

use crate::project::repository;

#[test]
fn the_reference_model_agrees() {
    if !Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("left out: there is no python3 to run tests/model with");
        return;
    }
    let cases = std::env::var("LEIDRAAD_MODEL_CASES").unwrap_or_else(|_| "500".to_owned());
    let seed = std::env::var("LEIDRAAD_MODEL_SEED").unwrap_or_else(|_| "1".to_owned());
    let output = Command::new("python3")
        .arg(repository().join("tests/model/compare.py"))
        .args([env!("CARGO_BIN_EXE_leidraad"), "--cases", &cases, "--seed", &seed])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    eprintln!("{}", said.trim_end());
}
