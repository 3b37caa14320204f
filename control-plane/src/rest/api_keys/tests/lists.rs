//! Which keys are listed, and for whom.

use super::*;

#[tokio::test]
async fn lists_are_paged_filtered_sorted_and_counted() {
    let test = TestApp::start().await;
    for number in 0..5 {
        let environment = if number % 2 == 0 { "dev" } else { "stg" };
        make(&test, json!({"name": format!("key {number}"), "environment": environment})).await;
    }
    let names = |list: &Value| -> Vec<String> {
        list["api_keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = test.get("/v1/api-keys?q=KEY&sort=name&limit=2").await.expect(200);
    assert_eq!(
        (names(&first), &first["total"], &first["has_more"]),
        (vec!["key 0".into(), "key 1".into()], &json!(5), &json!(true))
    );
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = test.get(&format!("/v1/api-keys?q=KEY&sort=name&limit=3&cursor={cursor}")).await.expect(200);
    assert_eq!(
        (names(&second).len(), &second["next_cursor"], &second["has_more"]),
        (3, &Value::Null, &json!(false))
    );
    assert_eq!(
        test.get(&format!("/v1/api-keys?sort=name&cursor={cursor}")).await.refused(400),
        "invalid_cursor"
    );
    let offset = test.get("/v1/api-keys?q=key&sort=-name&offset=1&limit=1").await.expect(200);
    assert_eq!(
        (names(&offset), &offset["limit"], &offset["offset"]),
        (vec!["key 3".into()], &json!(1), &json!(1))
    );
    assert_eq!(test.get("/v1/api-keys?environment=stg,prd").await.expect(200)["total"], 2);
    assert_eq!(test.get("/v1/api-keys?environment=staging&q=key").await.expect(200)["total"], 2);
    assert_eq!(test.get("/v1/api-keys?status=revoked,expired").await.expect(200)["total"], 0);
    assert_eq!(test.get("/v1/api-keys?period=hour&q=key").await.expect(200)["total"], 5);
    assert_eq!(test.get("/v1/api-keys?end_time=2020-01-01T00:00:00Z").await.expect(200)["total"], 0);
    let all = test.get("/v1/api-keys?sort=last_used_at&limit=2").await.expect(200);
    let cursor = all["next_cursor"].as_str().unwrap();
    test.get(&format!("/v1/api-keys?sort=last_used_at&limit=200&cursor={cursor}")).await.expect(200);
    for query in [
        "color=red",
        "sort=color",
        "limit=0",
        "environment=moon",
        "period=hour&end_time=2020-01-01T00:00:00Z",
    ] {
        assert_eq!(
            test.get(&format!("/v1/api-keys?{query}")).await.refused(400),
            "invalid_request",
            "{query}"
        );
    }
}

#[tokio::test]
async fn another_organization_sees_nothing_of_this_one() {
    let test = TestApp::start().await;
    let key = make(&test, json!({"name": "marked"})).await;
    let (_, other) = test.other_organization().await;
    assert_eq!(test.get_as(&other, "/v1/api-keys?q=marked").await.expect(200)["total"], 0);
    for (method, rest) in
        [(Method::GET, ""), (Method::PATCH, ""), (Method::DELETE, ""), (Method::GET, "/usage")]
    {
        let body = (method == Method::PATCH).then(|| json!({"name": "b"}));
        let answer = test.request(&other, method, &path(&key, rest), &[], body).await;
        assert_eq!(answer.refused(404), "not_found");
    }
    for verb in ["/rotate", "/revoke"] {
        assert_eq!(test.post_as(&other, &path(&key, verb), json!({})).await.refused(404), "not_found");
    }
}
