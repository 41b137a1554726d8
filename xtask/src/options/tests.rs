//! Well-formed options are read; others end with status 2.

use super::*;
use clap::CommandFactory;
use memviz::input::keyboard_layout::KeyboardLayout;

#[test]
fn the_command_line_is_well_formed() {
    Options::command().debug_assert();
}

#[test]
fn memory_is_read_and_written_as_qemu_takes_it() {
    for (text, mib, written) in [
        ("64M", 64, "64M"),
        ("2g", 2048, "2G"),
        ("512G", 512 << 10, "512G"),
    ] {
        let memory: Memory = text.parse().unwrap();
        assert_eq!(
            (memory.bytes(), memory.to_string().as_str()),
            (mib << 20, written)
        );
    }
    for text in [
        "",
        "M",
        "256",
        "0M",
        "7M",
        "+5M",
        "-1M",
        "1.5G",
        "513G",
        "2T",
        "99999999999999999999M",
        "64µ",
    ] {
        assert!(text.parse::<Memory>().is_err(), "{text}");
    }
}

#[test]
fn resolution_is_bounded() {
    assert_eq!(
        "800x600".parse(),
        Ok(Resolution {
            width: 800,
            height: 600
        })
    );
    assert_eq!(
        "3840x2160".parse(),
        Ok(Resolution {
            width: 3840,
            height: 2160
        })
    );
    for text in [
        "",
        "x",
        "800",
        "640x480",
        "801x600",
        "3848x2160",
        "800x600x2",
        "-800x600",
    ] {
        assert!(text.parse::<Resolution>().is_err(), "{text}");
    }
}

#[test]
fn resolution_that_the_display_has_not_names_the_nearest() {
    for (text, nearest) in [
        ("1366x768", "1368x768"),
        ("1281x800", "1280x800"),
        ("1284x800", "1280x800"),
        ("640x480", "800x600"),
        ("3839x2400", "3840x2160"),
        ("5000x1000", "3840x1000"),
    ] {
        let error = text.parse::<Resolution>().unwrap_err();
        assert!(
            error.contains(&format!("the nearest is {nearest}:")),
            "{error}"
        );
    }
}

#[test]
fn resolution_fits_the_display() {
    for (display, fits) in [
        ((1366, 768), "1360x768"),
        ((1920, 1080), "1920x1080"),
        ((1367, 740), "1360x740"),
        ((640, 480), "800x600"),
        ((7680, 4320), "3840x2160"),
    ] {
        assert_eq!(Resolution::fitting(display.0, display.1).to_string(), fits);
    }
    assert_eq!("auto".parse(), Ok(ResolutionChoice::Auto));
    let this: ResolutionChoice = "800x600".parse().unwrap();
    assert_eq!(this.or(Resolution::USUAL).to_string(), "800x600");
    assert_eq!(
        ResolutionChoice::Auto.or(Resolution::USUAL),
        Resolution::USUAL
    );
}

#[test]
fn keys_have_names() {
    let keys: Keys = " space right  s : ? [ ".parse().unwrap();
    assert_eq!(keys.to_string(), "space,right,s,:,?,[");
    assert!("".parse::<Keys>().unwrap().is_empty());
    assert!("space rigth".parse::<Keys>().unwrap_err().contains("rigth"));
    assert!("µ".parse::<Keys>().is_err());
}

#[test]
fn keyboards_have_names() {
    assert_eq!("auto".parse(), Ok(KeyboardChoice::Auto));
    let french = KeyboardChoice::This(KeyboardLayout::French);
    assert_eq!("fr".parse(), Ok(french));
    let error = "qwertz".parse::<KeyboardChoice>().unwrap_err();
    assert!(error.contains("us, uk, de, fr, no,"), "{error}");
    // The help of the option lists all of them.
    let mut command = Options::command();
    let run = command.find_subcommand_mut("run").unwrap();
    let help = run.render_long_help().to_string();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for layout in KeyboardLayout::ALL {
        let name = layout.name();
        assert!(
            help.contains(&format!(" {name},"))
                || help.contains(&format!(" {name} or"))
                || help.contains(&format!("or {name};")),
            "{name}"
        );
    }
}

#[test]
fn what_is_no_memory_map_is_refused_with_its_line() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let refused = |text: &str| {
        std::fs::write(path, text).unwrap();
        let error = Options::try_parse_from(["xtask", "run", "--memory-map", path]);
        let error = error.err().expect("refused");
        assert_eq!(error.exit_code(), 2);
        error.to_string()
    };
    let message = refused("0x0 0x100000 usable\n0x100000 0x200000 tasty\n");
    assert!(message.contains("line 2: unknown kind"), "{message}");
    let message = refused("Dear diary,\n");
    assert!(message.contains("line 1: not"), "{message}");
    let message = refused("");
    assert!(message.contains("no entry"), "{message}");
    std::fs::write(path, "0x0 0x100000 usable\n").unwrap();
    assert!(Options::try_parse_from(["xtask", "run", "--memory-map", path]).is_ok());
    let missing = Options::try_parse_from(["xtask", "run", "--memory-map", "no-such-file"]);
    assert_eq!(missing.err().unwrap().exit_code(), 2);
}

#[test]
fn malformed_arguments_end_with_status_2() {
    for line in [
        "xtask",
        "xtask walk",
        "xtask run --memory much",
        "xtask run --for 0",
        "xtask run --for -1",
        "xtask run --cmdline for=abc",
        "xtask run --cmdline for=0",
        "xtask run --boot floppy",
        "xtask run --screenshot a.jpg",
        "xtask run --lesson",
        "xtask run --lesson alchemy",
        "xtask run --keys hyper",
        "xtask run --keyboard klingon",
        "xtask run --keys ,",
        "xtask run left-over",
    ] {
        let error = Options::try_parse_from(line.split(' ')).err().expect(line);
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}
