//! The tour: check, test, plan, apply, a second plan, an explanation.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use trib_runtime::plan::{Op, Plan};
use trib_runtime::testing;
use trib_runtime::{Engine, explain::Explanation};

use super::project::Project;
use crate::output::{Exit, Failure, counted, print};
use crate::progress::Bars;
use crate::style::Style;
use crate::{commands, diagnostics, engine, project, show};

const CONFIGURATION: &str = "trib.toml";

/// Goes through the project in the working directory; the result is what programs are told.
pub async fn tour(demo: &Project, narrate: bool) -> Result<Value, Failure> {
    let mut guide = Guide {
        narrate,
        steps: Vec::new(),
    };
    guide.check()?;
    guide.test()?;
    let mut engine = engine::open(Path::new(CONFIGURATION))?;
    let plan = guide.plan(&mut engine).await?;
    guide.apply(&mut engine, &plan).await?;
    guide.plan_again(&mut engine).await?;
    guide.explain(&engine, &plan)?;
    Ok(json!({
        "graph": demo.sandbox.url(),
        "steps": guide.steps,
    }))
}

/// Tells what happens, and keeps it for programs.
struct Guide {
    narrate: bool,
    steps: Vec<Value>,
}

impl Guide {
    fn head(&self, title: &str, command: &str) -> Result<(), Failure> {
        let style = Style::stdout();
        let number = self.steps.len() + 1;
        let command = style.dim(&format!("$ {command}"));
        self.say(&format!(
            "\n{}  {command}\n",
            style.strong(&format!("{number}. {title}"))
        ))
    }

    fn say(&self, text: &str) -> Result<(), Failure> {
        if self.narrate { print(text) } else { Ok(()) }
    }

    /// A step is over; its document and how long it took.
    fn done(&mut self, step: &str, since: Instant, document: Value) -> Result<(), Failure> {
        let took = since.elapsed();
        let seconds = (took.as_secs_f64() * 1000.0).round() / 1000.0;
        self.steps
            .push(json!({ "step": step, "seconds": seconds, "result": document }));
        self.say(&format!("   {}\n", Style::stdout().dim(&show_time(took))))
    }

    fn check(&mut self) -> Result<(), Failure> {
        self.head("The rules are checked", "trib check")?;
        let since = Instant::now();
        let (sources, checked) = project::check(&["rules".into()])?;
        diagnostics::require_sound(&sources, &checked)?;
        self.say(&format!(
            "   {}\n",
            diagnostics::summary(&sources, &checked)
        ))?;
        let summary = diagnostics::document(&sources, &checked)
            .get_mut("summary")
            .map(Value::take);
        self.done("check", since, json!(summary))
    }

    fn test(&mut self) -> Result<(), Failure> {
        self.head("Their tests run", "trib test")?;
        let since = Instant::now();
        let (sources, checked) = project::check(&["rules".into()])?;
        let results = testing::run(&checked, &sources, Path::new(""), "");
        let failed = results.iter().filter(|result| !result.passed).count();
        if failed > 0 {
            return Err(Failure::new(
                Exit::Internal,
                format!("{} failed", counted(failed as u64, "test")),
            ));
        }
        self.say(&format!(
            "   {} passed\n",
            counted(results.len() as u64, "test")
        ))?;
        self.done(
            "test",
            since,
            json!({ "passed": results.len(), "failed": failed }),
        )
    }

    async fn plan(&mut self, engine: &mut Engine) -> Result<Plan, Failure> {
        self.head(
            "The forest and the cloud are read and compared",
            "trib plan",
        )?;
        let since = Instant::now();
        let plan = commands::make_plan(engine, false).await?;
        self.say(&indent(&show::plan(
            &plan,
            Some(1),
            show::Rest::Named,
            Style::stdout(),
        )))?;
        self.done(
            "plan",
            since,
            json!({ "counts": plan.counts, "errors": plan.errors }),
        )?;
        Ok(plan)
    }

    async fn apply(&mut self, engine: &mut Engine, plan: &Plan) -> Result<(), Failure> {
        self.head("The plan is written", "trib apply")?;
        let since = Instant::now();
        let applied = engine.apply(plan, None, &Bars::new()).await?;
        let mut text = show::errors(&applied.errors, Some(3), Style::stdout());
        text.push_str(&format!("written: {}\n", show::counts(&applied.written)));
        self.say(&indent(&text))?;
        self.done("apply", since, json!(applied))
    }

    async fn plan_again(&mut self, engine: &mut Engine) -> Result<(), Failure> {
        self.head("A second plan reads it all again", "trib plan")?;
        let since = Instant::now();
        let plan = commands::make_plan(engine, false).await?;
        if !plan.counts.is_empty() {
            let counts = show::counts(&plan.counts);
            return Err(Failure::new(
                Exit::Internal,
                format!("the second plan is not empty: {counts}"),
            ));
        }
        self.say(&format!(
            "   nothing to write: {} are as the rules want them\n",
            counted(plan.counts.unchanged, "object")
        ))?;
        self.done("second plan", since, json!({ "counts": plan.counts }))
    }

    fn explain(&mut self, engine: &Engine, plan: &Plan) -> Result<(), Failure> {
        let Some(someone) = someone(plan) else {
            return Ok(());
        };
        self.head(
            "Every value can say where it comes from",
            &format!("trib explain '{someone}' jobTitle"),
        )?;
        let since = Instant::now();
        let explanation: Explanation = engine.explain(someone, Some("jobTitle"))?;
        self.say(&indent(&show::explanation(&explanation, Style::stdout())))?;
        self.done("explain", since, json!(explanation))
    }
}

/// The first of the new users that has a job.
fn someone(plan: &Plan) -> Option<&str> {
    let mut users = plan
        .changes
        .iter()
        .filter(|change| change.op == Op::Create && change.object_type == "user");
    let has_job = |change: &&trib_runtime::plan::Change| {
        change.attributes.iter().any(|a| a.name == "jobTitle")
    };
    users.find(has_job).map(|change| change.source.as_str())
}

fn indent(text: &str) -> String {
    text.lines()
        .map(|line| {
            if line.is_empty() {
                "\n".to_owned()
            } else {
                format!("   {line}\n")
            }
        })
        .collect()
}

fn show_time(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
