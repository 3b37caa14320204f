use super::*;

fn found(text: &str) -> Vec<(String, &str)> {
    let mut findings = Vec::new();
    find(text, None, &mut findings);
    findings.into_iter().map(|finding| (finding.rule.into_owned(), &text[finding.span])).collect()
}

#[test]
fn data_with_check_digits_are_found() {
    for (text, rule, datum) in [
        ("card 4111 1111 1111 1111.", "payment_card", "4111 1111 1111 1111"),
        ("5555555555554444", "payment_card", "5555555555554444"),
        ("amex 3782-822463-10005", "payment_card", "3782-822463-10005"),
        ("to DE89 3704 0044 0532 0130 00, please", "iban", "DE89 3704 0044 0532 0130 00"),
        ("GB82WEST12345698765432", "iban", "GB82WEST12345698765432"),
        ("cpf 529.982.247-25", "br_cpf", "529.982.247-25"),
        ("DNI 12345678Z", "es_dni", "12345678Z"),
        ("NIE X1234567L", "es_nie", "X1234567L"),
        ("NINO AB 12 34 56 C", "uk_nino", "AB 12 34 56 C"),
        ("CF RSSMRA85T10A562S", "it_codice_fiscale", "RSSMRA85T10A562S"),
        ("Aadhaar: 2341 2341 2346", "in_aadhaar", "2341 2341 2346"),
        ("BSN 111222333", "nl_bsn", "111222333"),
        ("SIN: 130 692 544", "ca_sin", "130 692 544"),
        ("NIR 2 55 08 14 168 025 38", "fr_nir", "2 55 08 14 168 025 38"),
        ("SSN 078-05-1120", "us_ssn", "078-05-1120"),
        ("078-05-1120", "us_ssn", "078-05-1120"),
    ] {
        assert_eq!(found(text), [(rule.to_owned(), datum)], "{text}");
    }
}

#[test]
fn a_wrong_digit_or_letter_makes_it_a_number_like_others() {
    for text in [
        "card 4111 1111 1111 1112",
        "DE88 3704 0044 0532 0130 00",
        "cpf 529.982.247-26",
        "DNI 12345678A",
        "CF RSSMRA85T10A562T",
        "Aadhaar: 2341 2341 2347",
        "BSN 111222334",
        "SSN 666-05-1120",
        "SSN 078-00-1120",
        "SSN 978-05-1120",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn phone_numbers_are_told_by_their_form_or_by_a_word() {
    for (text, number) in [
        ("+44 20 7946 0018", "+44 20 7946 0018"),
        ("+1 (212) 555-0147", "+1 (212) 555-0147"),
        ("(212) 555-0147 x12", "(212) 555-0147 x12"),
        ("212-555-0147", "212-555-0147"),
        ("Phone: 020 7946 0018", "020 7946 0018"),
        ("Tel.: 0351/1234567", "0351/1234567"),
        ("416 60 039 office", "416 60 039"),
    ] {
        assert_eq!(found(text), [("phone".to_owned(), number)], "{text}");
    }
}

#[test]
fn other_numbers_are_left_alone() {
    for text in [
        "on 2024-01-15 12:30:45",
        "15/01/2024",
        "192.168.100.200",
        "version 1.2.3456.7890",
        "order 020 7946 0018",
        "1700000000000 ms",
        "0.4111111111111111",
        "id 4111111111111111abc",
        "550e8400-e29b-41d4-a716-446655440000",
        "phone 0000000000",
        "1,234,567 rows in 12-14 days",
        "call me in 2024-01-15",
        "$1234567.89",
        "sha 3f9a1c7be5d2408f6a7b9c0d1e2f3a4b",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}
