//! `cargo xtask …`: one command to run Kadenza, one to test it, and what each needs installed first.

mod bench;
mod demo;
mod dev;
mod lab;
mod nat;
mod page;
mod pkg;
mod run;
mod screenshots;
mod setup;
mod shell;
mod stamp;
mod test;
mod wasm;
mod webrtc_peer;

use std::process::ExitCode;

use shell::Failure;

const HELP: &str = "\
Kadenza's own commands.

Usage: cargo xtask COMMAND

Commands:
  run  [-- RELAY ARGUMENTS]  Install what is missing, build the page and the relay, and start the relay. It
                             prints the link to open. `cargo xtask run -- --help` lists the relay's arguments
  test [STAGE…]              Install what the tests need and run all of them, or only these stages
  test-nat [CASE…]           Test two tabs behind home routers of several kinds, on a pretend internet of network
                             namespaces. Needs Linux and root
  demo [--relay URL]         Upload 41 songs of Debian's wesnoth-1.16-music to a running relay, which is
                             http://127.0.0.1:8080 unless URL names another
  dev  [-- RELAY ARGUMENTS]  Start a relay, and the page with live reload at http://127.0.0.1:8081
  bench webrtc               Measure the WebRTC transport against js-libp2p's and against a bare RTCDataChannel, and
                             print one JSON object as the last line. ROUNDS, MIB and DIALS change how much is done
  bench listen               Measure listening against a plain web server, WebTorrent and a bare RTCDataChannel, print
                             one JSON object as the last line, and draw docs/listen.svg. ONLY=start,swarm picks some
                             figures; ROUNDS, CRASHES, TABS, SONGS and PLAYS change how much is done
  bench listen --lab         Measure start-up, seeking and the death of a source on hosts 40 ms apart, behind routers
                             with 20 Mbit/s, on a pretend internet of network namespaces; print one JSON object as the
                             last line. Needs Linux and root. ONLY=start,seek,killed and ROUNDS as above
  bench page                 Measure the page: what a first visit loads, how soon it can be used and answers a key, how
                             10,000 songs are searched and scrolled, what an idle tab costs; print one JSON object as the last line. VISITS and MINUTES change how much
  bench rooms                Measure how near five tabs of a room are to each other while they play the same song, how
                             soon a press is done in all of them and how long joining takes; print one JSON object as
                             the last line. SECONDS of play changes how much is done
  bench rooms --lab          Measure how near three tabs are to each other behind routers, 80 ms from each other; as above
  pkg                        Build the peer as an npm package into pkg/dist
  screenshots [FOLDER]       Take pictures of the page's main states, on a phone and a desktop, dark and light, with the
                             songs of FOLDER; into target/screenshots/, and the README's into docs/
  help                       Print this

Stages of `test`:
";

fn help() -> String {
    let stages = test::STAGES.iter().map(|stage| format!("  {:<26} {}\n", stage.name, stage.about));
    HELP.chars().chain(stages.collect::<String>().chars()).collect()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[&str]) -> Result<(), Failure> {
    match arguments {
        ["help" | "--help" | "-h"] | [_, "help" | "--help" | "-h"] => {
            print!("{}", help());
            Ok(())
        }
        ["run"] => run::run(&[]),
        ["run", "--", relay @ ..] => run::run(relay),
        ["test", stages @ ..] => test::test(stages),
        ["test-nat", cases @ ..] => nat::test_nat(cases),
        ["demo"] => demo::demo(demo::RELAY),
        ["demo", "--relay", url] => demo::demo(url),
        ["pkg"] => pkg::pkg(),
        ["screenshots"] => screenshots::screenshots(None),
        ["screenshots", folder] => screenshots::screenshots(Some(folder)),
        ["bench", name, "--lab"] => bench::in_lab(name),
        ["bench", name] => bench::bench(name),
        ["dev"] => dev::dev(&[]),
        ["dev", "--", relay @ ..] => dev::dev(relay),
        ["bench", ..] => {
            Err(Failure::new("Which one, and nothing else: cargo xtask bench webrtc, listen or listen --lab"))
        }
        [] => Err(Failure::new(format!("Which command?\n\n{}", help()))),
        [command @ ("run" | "dev"), argument, ..] => Err(Failure::new(format!(
            "`{argument}` is not an argument of `{command}`. The relay's arguments follow `--`:\n  \
             cargo xtask {command} -- {argument} …"
        ))),
        ["demo", argument, ..] => {
            Err(Failure::new(format!("`demo {argument}` is not understood: cargo xtask demo [--relay URL]")))
        }
        [command, ..] => Err(Failure::new(format!("There is no command `{command}`.\n\n{}", help()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_stage_of_the_tests() {
        let help = help();
        assert!(test::STAGES.iter().all(|stage| help.contains(stage.name)));
    }

    #[test]
    fn a_wrong_argument_is_named() {
        for arguments in
            [&["fly"][..], &["run", "--listen"], &["demo", "--fast"], &["test", "--fast"], &["bench", "all"]]
        {
            let wrong = arguments[arguments.len() - 1];
            let failure = dispatch(arguments).unwrap_err().to_string();
            assert!(failure.contains(wrong), "{arguments:?}: {failure}");
        }
    }
}
