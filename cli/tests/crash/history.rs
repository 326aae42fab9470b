//! A forest, and the forest after much has changed in it.

use trib_tests::corp::Corp;

const PEOPLE: u32 = 60;

/// One after the other, these are what the source holds.
pub fn steps() -> [Corp; 2] {
    let first = first();
    let second = second(first.clone());
    [first, second]
}

fn login(number: u32) -> String {
    format!("p{number}@contoso.test")
}

fn first() -> Corp {
    let mut corp = Corp::of(PEOPLE);
    for person in 2..=PEOPLE {
        corp.refer(person, "manager", &[person / 2]);
    }
    for at in 0..7 {
        corp.group(101 + at, (1..=PEOPLE).filter(|person| person % 7 == at));
    }
    corp.group(108, [101, 102, 103, 1]);
    corp.entry(101)
        .links
        .entry("member".to_owned())
        .or_default()
        .insert(107);
    corp
}

/// Renames, moves, deletes, newcomers, changed members and managers, and logins that change hands.
fn second(mut corp: Corp) -> Corp {
    for person in [3, 4, 5] {
        corp.entry(person).rdn = format!("Renamed {person}");
        corp.set(person, "displayName", &format!("Renamed {person}"));
    }
    for person in [6, 7, 8, 9] {
        corp.entry(person).unit = "OU=Elsewhere".to_owned();
        corp.clear(person, "department");
    }
    for person in 10..=20 {
        corp.set(person, "title", "Agent");
        corp.refer(person, "manager", &[60]);
    }
    corp.set(21, "userAccountControl", "514");
    corp.set(22, "userPrincipalName", "p22.new@contoso.test");
    // Two exchange their logins, three pass theirs on in a circle, one leaves its to a newcomer.
    for (person, next) in [(30, 31), (31, 30), (40, 41), (41, 42), (42, 40)] {
        corp.set(person, "userPrincipalName", &login(next));
    }
    for person in [50, 51, 52] {
        corp.remove(person);
    }
    for person in 61..=64 {
        corp.user(person);
        corp.refer(person, "manager", &[1]);
    }
    corp.set(64, "userPrincipalName", &login(50));
    corp.remove(107);
    corp.group(109, [61, 62, 108]);
    corp.refer(
        102,
        "member",
        &(30..=59)
            .filter(|person| !(50..=52).contains(person))
            .collect::<Vec<_>>(),
    );
    corp.refer(108, "member", &[104, 105, 63]);
    corp
}
