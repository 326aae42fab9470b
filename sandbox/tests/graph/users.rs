use serde_json::{Value, json};

use crate::server::{Server, TENANT, user, with, without};

#[tokio::test]
async fn a_new_user_has_its_default_properties_and_a_location() {
    let server = Server::start().await;
    let made = server.post("/users", user("ada")).await;
    assert_eq!(made.status, 201);
    let mut names: Vec<&String> = made.body.as_object().unwrap().keys().collect();
    names.sort();
    let mut expected = vec![
        "@odata.context",
        "businessPhones",
        "displayName",
        "givenName",
        "id",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
    ];
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(server.get(made.header("location")).await.id(), made.id());
    assert!(!made.header("request-id").is_empty() && !made.header("x-ms-resource-unit").is_empty());
    let by_name = server
        .get(&format!(
            "/users/ada@{TENANT}?$select=id,accountEnabled,passwordProfile,userType"
        ))
        .await;
    assert_eq!(by_name.body["id"], json!(made.id()));
    assert_eq!(by_name.body["accountEnabled"], true);
    assert_eq!(by_name.body["passwordProfile"], Value::Null);
    assert_eq!(by_name.body["userType"], "Member");
}

#[tokio::test]
async fn creation_demands_what_graph_demands() {
    let server = Server::start().await;
    for name in [
        "accountEnabled",
        "displayName",
        "mailNickname",
        "userPrincipalName",
        "passwordProfile",
    ] {
        let got = server.post("/users", without(user("x"), name)).await;
        got.refused(400, "Request_BadRequest");
        assert!(got.has_detail("InvalidValue", name), "{name}: {got:?}");
    }
    let no_password = with(
        user("x"),
        &json!({"passwordProfile": {"forceChangePasswordNextSignIn": true}}),
    );
    assert!(
        server
            .post("/users", no_password)
            .await
            .has_detail("InvalidValue", "passwordProfile")
    );
}

#[tokio::test]
async fn values_that_graph_refuses() {
    let server = Server::start().await;
    let id = server.user("ada").await;
    let long = |length: usize| "x".repeat(length);
    let bad_request = "Request_BadRequest";
    let table: Vec<(Value, &str)> = vec![
        (json!({"userPrincipalName": "ada"}), bad_request),
        (
            json!({"userPrincipalName": "ada@elsewhere.example"}),
            bad_request,
        ),
        (
            json!({"userPrincipalName": format!("åsa@{TENANT}")}),
            bad_request,
        ),
        (
            json!({"userPrincipalName": format!("a b@{TENANT}")}),
            bad_request,
        ),
        (
            json!({"userPrincipalName": format!("a@b@{TENANT}")}),
            bad_request,
        ),
        (
            json!({"userPrincipalName": format!("ada.@{TENANT}")}),
            bad_request,
        ),
        (
            json!({"userPrincipalName": format!("{}@{TENANT}", long(65))}),
            bad_request,
        ),
        (json!({"userPrincipalName": null}), bad_request),
        (json!({"mailNickname": "a b"}), bad_request),
        (json!({"mailNickname": "å"}), bad_request),
        (json!({"mailNickname": long(65)}), bad_request),
        (json!({"displayName": long(257)}), bad_request),
        (json!({"displayName": null}), bad_request),
        (json!({"displayName": ""}), bad_request),
        (json!({"department": ""}), bad_request),
        (json!({"givenName": long(65)}), bad_request),
        (json!({"employeeId": long(17)}), bad_request),
        (json!({"postalCode": long(41)}), bad_request),
        (json!({"streetAddress": long(1025)}), bad_request),
        (json!({"businessPhones": ["1", "2"]}), bad_request),
        (json!({"businessPhones": null}), bad_request),
        (json!({"businessPhones": [""]}), bad_request),
        (json!({"businessPhones": "1"}), "BadRequest"),
        (json!({"usageLocation": "SWE"}), bad_request),
        (json!({"usageLocation": "1a"}), bad_request),
        (json!({"usageLocation": null}), bad_request),
        (json!({"onPremisesImmutableId": "a$"}), bad_request),
        (json!({"onPremisesImmutableId": "a_b"}), bad_request),
        (json!({"onPremisesImmutableId": ""}), bad_request),
        (json!({"mail": "no address"}), bad_request),
        (json!({"otherMails": ["no address"]}), bad_request),
        (json!({"passwordPolicies": "Weak"}), bad_request),
        (
            json!({"passwordProfile": {"password": "short"}}),
            bad_request,
        ),
        (
            json!({"passwordProfile": {"password": "alllowercase"}}),
            bad_request,
        ),
        (json!({"passwordProfile": {"secret": "x"}}), "BadRequest"),
        (json!({"userType": "Robot"}), bad_request),
        (
            json!({"preferredLanguage": "Swedish language"}),
            bad_request,
        ),
        (json!({"accountEnabled": "yes"}), "BadRequest"),
        (json!({"employeeHireDate": "yesterday"}), "BadRequest"),
        (json!({"nickname": "x"}), bad_request),
        (
            json!({"onPremisesExtensionAttributes": {"extensionAttribute16": "x"}}),
            "BadRequest",
        ),
        (json!({"manager": "x"}), bad_request),
        (json!({"manager@odata.bind": "x"}), bad_request),
        (
            json!({"@odata.type": "#microsoft.graph.group"}),
            "BadRequest",
        ),
        (json!({"proxyAddresses": ["SMTP:a@b.example"]}), bad_request),
        (json!({"onPremisesSyncEnabled": true}), bad_request),
        (json!({"id": "x"}), bad_request),
        (json!({"assignedLicenses": []}), bad_request),
        (json!({"aboutMe": "x", "department": "y"}), bad_request),
    ];
    for (change, code) in table {
        let got = server.patch(&format!("/users/{id}"), change.clone()).await;
        assert_eq!((got.status, got.code()), (400, code), "{change} {got:?}");
    }
    let untouched = server
        .get(&format!(
            "/users/{id}?$select=displayName,department,userPrincipalName"
        ))
        .await;
    assert_eq!(untouched.body["displayName"], "ada");
    assert_eq!(untouched.body["userPrincipalName"], format!("ada@{TENANT}"));
}

#[tokio::test]
async fn read_only_properties_say_so() {
    let server = Server::start().await;
    let id = server.user("ada").await;
    let got = server
        .patch(
            &format!("/users/{id}"),
            json!({"onPremisesDistinguishedName": "CN=x"}),
        )
        .await;
    assert!(
        got.message().contains("is read-only and cannot be set"),
        "{got:?}"
    );
}

#[tokio::test]
async fn values_that_graph_takes() {
    let server = Server::start().await;
    let id = server.user("ada").await;
    let table: [Value; 13] = [
        json!({"userPrincipalName": format!("a'd.a-_!#^~@{TENANT}")}),
        json!({"department": "Ops", "businessPhones": ["+46 8 1"], "usageLocation": "SE", "preferredLanguage": "sv-SE"}),
        json!({"department": null, "businessPhones": []}),
        json!({"onPremisesImmutableId": "q2k9Y1cVtEq0m0xv0k3H5Q=="}),
        json!({"onPremisesImmutableId": null}),
        json!({"onPremisesExtensionAttributes": {"extensionAttribute7": "SE-100"}}),
        json!({"onPremisesExtensionAttributes": {"extensionAttribute1": "x"}}),
        json!({"employeeHireDate": "2026-01-02T03:04:05Z", "employeeOrgData": {"costCenter": "7"}}),
        json!({"passwordPolicies": "DisablePasswordExpiration, DisableStrongPassword"}),
        json!({"passwordProfile": {"password": "onlylowercase"}}),
        json!({"aboutMe": "alone"}),
        json!({"@odata.type": "#microsoft.graph.user", "jobTitle": "x".repeat(128)}),
        json!({}),
    ];
    for change in table {
        let got = server.patch(&format!("/users/{id}"), change.clone()).await;
        assert_eq!(got.status, 204, "{change} {got:?}");
        assert_eq!(got.body, "", "a PATCH answers no body");
    }
    let read = server
        .get(&format!(
            "/users/{id}?$select=onPremisesExtensionAttributes,aboutMe,department"
        ))
        .await;
    let extensions = &read.body["onPremisesExtensionAttributes"];
    assert_eq!(extensions["extensionAttribute7"], "SE-100");
    assert_eq!(extensions["extensionAttribute1"], "x");
    assert_eq!(extensions["extensionAttribute2"], Value::Null);
    assert_eq!(read.body["aboutMe"], "alone");
    assert_eq!(read.body["department"], Value::Null);
}

#[tokio::test]
async fn unique_values_conflict() {
    let server = Server::start().await;
    let first = with(
        user("ada"),
        &json!({"mail": "ada@mail.example", "onPremisesImmutableId": "QUJD"}),
    );
    assert_eq!(server.post("/users", first).await.status, 201);
    let id = server.user("bo").await;
    let table = [
        (
            json!({"userPrincipalName": format!("ADA@{TENANT}")}),
            "userPrincipalName",
        ),
        (
            json!({"userPrincipalName": format!("ada@{TENANT}"), "department": "x"}),
            "userPrincipalName",
        ),
        (json!({"mail": "Ada@mail.example"}), "proxyAddresses"),
        (
            json!({"onPremisesImmutableId": "QUJD"}),
            "onPremisesImmutableId",
        ),
    ];
    for (change, target) in table {
        let got = server.patch(&format!("/users/{id}"), change).await;
        got.refused(400, "Request_BadRequest");
        assert!(got.has_detail("ObjectConflict", target), "{got:?}");
        assert_eq!(
            got.body["error"]["details"][1]["code"],
            "ConflictingObjects"
        );
    }
    let got = server
        .patch(
            &format!("/users/{id}"),
            json!({"onPremisesImmutableId": "qujd"}),
        )
        .await;
    assert_eq!(got.status, 204, "immutable ids differ by case");
}

#[tokio::test]
async fn mail_becomes_the_primary_proxy_address() {
    let server = Server::start().await;
    let id = server.user("ada").await;
    let path = format!("/users/{id}");
    let select = format!("{path}?$select=mail,proxyAddresses");
    for (mail, expected) in [
        (json!("ada@one.example"), json!(["SMTP:ada@one.example"])),
        (
            json!("ada@two.example"),
            json!(["SMTP:ada@two.example", "smtp:ada@one.example"]),
        ),
        (
            json!("ada@one.example"),
            json!(["SMTP:ada@one.example", "smtp:ada@two.example"]),
        ),
        (json!(null), json!(["smtp:ada@two.example"])),
    ] {
        assert_eq!(server.patch(&path, json!({"mail": mail})).await.status, 204);
        assert_eq!(server.get(&select).await.body["proxyAddresses"], expected);
    }
    let other = server.user("bo").await;
    let got = server
        .patch(
            &format!("/users/{other}"),
            json!({"mail": "ADA@two.example"}),
        )
        .await;
    assert!(
        got.has_detail("ObjectConflict", "proxyAddresses"),
        "{got:?}"
    );
}

#[tokio::test]
async fn synced_users_are_closed() {
    let server = Server::start().await;
    let properties = json!({
        "userPrincipalName": format!("ada@{TENANT}"), "displayName": "Ada", "onPremisesSyncEnabled": true,
        "onPremisesSamAccountName": "ada",
    });
    let id = server.seed("user", properties).await;
    let path = format!("/users/{id}");
    let got = server.patch(&path, json!({"displayName": "Eve"})).await;
    assert!(got.message().contains("on-premises mastered"), "{got:?}");
    assert_eq!(
        server
            .patch(&path, json!({"usageLocation": "SE"}))
            .await
            .status,
        204
    );
    let read = server
        .get(&format!("{path}?$select=onPremisesSamAccountName"))
        .await;
    assert_eq!(read.body["onPremisesSamAccountName"], "ada");

    let behavior = format!("{path}/onPremisesSyncBehavior");
    assert_eq!(server.get(&behavior).await.body["isCloudManaged"], false);
    assert_eq!(
        server
            .patch(&behavior, json!({"isCloudManaged": true}))
            .await
            .status,
        204
    );
    assert_eq!(
        server
            .patch(&path, json!({"displayName": "Eve"}))
            .await
            .status,
        204
    );
}

#[tokio::test]
async fn federated_domains_demand_an_immutable_id() {
    let server = Server::start().await;
    let domain = json!({"name": "fed.example", "federated": true});
    assert_eq!(server.post("/_sandbox/domains", domain).await.status, 204);
    let federated = with(
        user("ada"),
        &json!({"userPrincipalName": "ada@fed.example"}),
    );
    let got = server.post("/users", federated.clone()).await;
    assert!(
        got.has_detail("InvalidValue", "onPremisesImmutableId"),
        "{got:?}"
    );
    let anchored = with(federated, &json!({"onPremisesImmutableId": "QUJD"}));
    assert_eq!(server.post("/users", anchored).await.status, 201);
}
