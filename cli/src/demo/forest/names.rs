//! What people are called, where they work and as what.
//!
//! People take the next line of each table in turn. The lengths have no common factor, so that every
//! combination occurs before one comes again.

/// First names, with the form that stands in logins.
#[rustfmt::skip]
pub const FIRST: [(&str, &str); 41] = [
    ("Ada", "ada"), ("Björn", "bjorn"), ("Chloé", "chloe"), ("Dmitri", "dmitri"), ("Elena", "elena"),
    ("Farid", "farid"), ("Grace", "grace"), ("Håkan", "hakan"), ("Ingrid", "ingrid"), ("José", "jose"),
    ("Katarzyna", "katarzyna"), ("Liam", "liam"), ("Márta", "marta"), ("Noor", "noor"), ("Oskar", "oskar"),
    ("Priya", "priya"), ("Quentin", "quentin"), ("Renée", "renee"), ("Søren", "soren"), ("Tomás", "tomas"),
    ("Ursula", "ursula"), ("Viktor", "viktor"), ("Wei", "wei"), ("Ximena", "ximena"), ("Yusuf", "yusuf"),
    ("Zoë", "zoe"), ("Åsa", "asa"), ("Bruno", "bruno"), ("Célia", "celia"), ("Daniel", "daniel"),
    ("Eşref", "esref"), ("Fiona", "fiona"), ("Gösta", "gosta"), ("Hana", "hana"), ("Iván", "ivan"),
    ("Jürgen", "jurgen"), ("Kenji", "kenji"), ("Lucía", "lucia"), ("Marek", "marek"), ("Nadia", "nadia"),
    ("Olof", "olof"),
];

/// Last names, with the form that stands in logins.
#[rustfmt::skip]
pub const LAST: [(&str, &str); 59] = [
    ("Lindqvist", "lindqvist"), ("Müller", "muller"), ("García", "garcia"), ("Okafor", "okafor"),
    ("Dubois", "dubois"), ("Nowak", "nowak"), ("O'Brien", "o'brien"), ("Sjöberg", "sjoberg"),
    ("Tanaka", "tanaka"), ("Weiß", "weiss"), ("Castro", "castro"), ("Kovács", "kovacs"), ("Haddad", "haddad"),
    ("Jansen", "jansen"), ("Petrov", "petrov"), ("Ångström", "angstrom"), ("Silva", "silva"),
    ("Horváth", "horvath"), ("Mbeki", "mbeki"), ("Lefèvre", "lefevre"), ("Rossi", "rossi"), ("Schäfer", "schafer"),
    ("Wójcik", "wojcik"), ("Ferreira", "ferreira"), ("Baker", "baker"), ("Nguyen", "nguyen"), ("Olsen", "olsen"),
    ("Peña", "pena"), ("Ramírez", "ramirez"), ("Singh", "singh"), ("Treadwell", "treadwell"),
    ("Uzun", "uzun"), ("Vance", "vance"), ("Wikström", "wikstrom"), ("Xu", "xu"), ("Yılmaz", "yilmaz"),
    ("Zimmermann", "zimmermann"), ("Almeida", "almeida"), ("Bergman", "bergman"), ("Cohen", "cohen"),
    ("D'Angelo", "d'angelo"), ("Eriksen", "eriksen"), ("Fournier", "fournier"), ("Gruber", "gruber"),
    ("Hughes", "hughes"), ("Ibáñez", "ibanez"), ("Jørgensen", "jorgensen"), ("Køhler", "kohler"),
    ("López", "lopez"), ("Mäkinen", "makinen"), ("Novák", "novak"), ("Östlund", "ostlund"), ("Pereira", "pereira"),
    ("Quist", "quist"), ("Roche", "roche"), ("Sato", "sato"), ("Tóth", "toth"), ("Urban", "urban"), ("Vogel", "vogel"),
];

/// An office.
pub struct City {
    pub name: &'static str,
    pub street: &'static str,
    pub postal_code: &'static str,
    pub country: &'static str,
    pub code: &'static str,
    pub language: &'static str,
    pub phone: &'static str,
}

/// The offices.
#[rustfmt::skip]
pub const CITIES: [City; 5] = [
    City { name: "Stockholm", street: "Vasagatan 14", postal_code: "111 20", country: "Sweden", code: "SE", language: "sv-SE", phone: "+46 8 555 0" },
    City { name: "Berlin", street: "Torstraße 201", postal_code: "10115", country: "Germany", code: "DE", language: "de-DE", phone: "+49 30 555 0" },
    City { name: "Paris", street: "12 rue des Écoles", postal_code: "75005", country: "France", code: "FR", language: "fr-FR", phone: "+33 1 55 50 0" },
    City { name: "Lisbon", street: "Rua do Século 8", postal_code: "1200-433", country: "Portugal", code: "PT", language: "pt-PT", phone: "+351 21 555 0" },
    City { name: "Seattle", street: "400 Pine Street", postal_code: "98101", country: "United States", code: "US", language: "en-US", phone: "+1 206 555 0" },
];

/// The departments.
pub const DEPARTMENTS: [&str; 8] = [
    "Sales",
    "IT",
    "Finance",
    "Human Resources",
    "Legal",
    "Operations",
    "Research",
    "Support",
];

/// What people below the heads do.
pub const TITLES: [&str; 7] = [
    "Specialist",
    "Senior Specialist",
    "Analyst",
    "Coordinator",
    "Advisor",
    "Assistant",
    "Project Manager",
];
