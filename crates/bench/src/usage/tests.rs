use super::*;

#[test]
fn a_name_with_spaces_and_parentheses_does_not_shift_the_fields() {
    let text = "4711 (postgres: a) b (c) R 4700 4711 4711 0 -1 4194304 900 100 0 0 250 50 30 20 20 0 1 0 99 1000 200";
    let reading = stat(4_711, text, 100.0).unwrap();
    assert_eq!((reading.pid, reading.parent), (4_711, 4_700));
    assert!((reading.own - 3.0).abs() < 1e-9);
    assert!((reading.ended_children - 0.5).abs() < 1e-9);
}

#[test]
fn a_cut_short_stat_is_not_read() {
    for text in ["", "1 (a", "1 (a) R 1", "1 (a) R x 1 1 0 -1 0 0 0 0 0 1 1 1 1"] {
        assert_eq!(stat(1, text, 100.0), None, "{text}");
    }
}

#[test]
fn sizes_are_read_by_name_in_bytes() {
    let text = "VmPeak:\t  999 kB\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\n";
    assert_eq!(status_bytes(text, "VmHWM:"), Some(2 * 1_024 * 1_024));
    assert_eq!(status_bytes(text, "VmRSS:"), Some(1_024 * 1_024));
    assert_eq!(status_bytes(text, "Pss:"), None);
}

#[test]
fn the_times_of_ps_are_read_in_all_their_forms() {
    let seconds = |time: &str| ps_line(&format!(" 12   1  2048 {time}")).map(|reading| reading.own);
    assert_eq!(seconds("0:01.25"), Some(1.25));
    assert_eq!(seconds("12:30.00"), Some(750.0));
    assert_eq!(seconds("01:00:05"), Some(3_605.0));
    assert_eq!(seconds("2-00:00:01"), Some(172_801.0));
    assert_eq!(seconds("00:00:00"), Some(0.0));
    assert_eq!(seconds("x"), None);
    let reading = ps_line("12 1 2048 0:01.00").unwrap();
    assert_eq!((reading.pid, reading.parent, reading.resident), (12, 1, 2_097_152));
}

#[test]
fn this_process_is_found_with_its_time_and_memory() {
    let subject = Subject::Process(std::process::id());
    // Works until its own work shows: a busy machine may take a while to grant it.
    let end = std::time::Instant::now() + Duration::from_secs(30);
    while subject.cpu_seconds().unwrap() < 0.05 {
        assert!(std::time::Instant::now() < end);
    }
    assert!(subject.memory().unwrap() > 1_000_000);
}

#[test]
fn a_family_has_its_ended_children() {
    let before = Subject::Family(std::process::id()).cpu_seconds().unwrap();
    let busy = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
    assert!(Command::new("sh").args(["-c", busy]).status().unwrap().success());
    let grown = Subject::Family(std::process::id()).cpu_seconds().unwrap() - before;
    assert!(!has_proc() || grown > 0.05, "{grown}");
}
