//! `auc` over a database is killed while hostapd's questions are on their way, and so is the database.

use std::time::Duration;

use aka::Sqn;
use anyhow::{Result, ensure};
use auc::{OnConflict, SqlDirectory, Subscribers};
use counterparts::postgres::{Durability, Postgres};
use counterparts::{Draw, Home, Namespace, card, wait};
use server_kit::seal::{Sealer, SealingKey};

use super::home::Asker;

/// A home over a database that outlives it, and what has come out of it so far.
struct Scene {
    namespace: Namespace,
    url: String,
    sealing_key: String,
    asker: Asker,
    draw: Draw,
    issued: Vec<Sqn>,
}

impl Scene {
    async fn new(namespace: Namespace, url: String, seed: u64) -> Result<Self> {
        let path = namespace.folder().join("sealing-key");
        let sealer = Sealer::new(&SealingKey::from_file(&path)?);
        let directory = SqlDirectory::open(&url.parse()?, sealer).await?;
        let subscribers = Subscribers::parse(&card::subscribers(card::K, 0))?;
        let added = directory.add(subscribers.iter(), OnConflict::Keep).await?;
        ensure!(added.new == 1, "it is empty");
        directory.close().await;
        Ok(Self {
            asker: Asker::new(&namespace)?,
            sealing_key: path.display().to_string(),
            namespace,
            url,
            draw: Draw::new(seed),
            issued: Vec::new(),
        })
    }

    fn home(&self) -> Result<Home> {
        Home::over_database(&self.namespace, &self.url, &self.sealing_key)
    }

    /// Asks a few times and takes some of the answers; the others are on their way.
    fn ask(&mut self, home: &Home) -> Result<()> {
        for _ in 0..=self.draw.below(8) {
            self.asker.ask(home)?;
        }
        for _ in 0..self.draw.below(3) {
            self.issued.extend(self.asker.answer()?);
        }
        wait::a_moment(&mut self.draw, A_WHILE);
        Ok(())
    }

    fn kill_homes(&mut self, times: u32) -> Result<()> {
        for _ in 0..times {
            let home = self.home()?;
            self.ask(&home)?;
            home.kill()?;
            self.issued.extend(self.asker.rest()?);
        }
        Ok(())
    }

    fn judge(&self, kills: usize) {
        let issued = &self.issued;
        assert!(
            issued.len() > kills / 2,
            "too few to tell: {}",
            issued.len()
        );
        assert!(issued.is_sorted_by(|one, next| one < next), "{issued:?}");
    }
}

/// A few vectors take as long.
const A_WHILE: Duration = Duration::from_millis(8);

#[tokio::test]
#[ignore = "kills auc 300 times: cargo xtask test --only crashes"]
async fn a_home_over_sqlite_that_is_killed_300_times_repeats_no_number() -> Result<()> {
    let namespace = Namespace::new()?;
    let url = format!("sqlite:{}", namespace.folder().join("auc.db").display());
    let mut scene = Scene::new(namespace, url, 21).await?;
    scene.kill_homes(300)?;
    scene.judge(300);
    Ok(())
}

#[tokio::test]
#[ignore = "kills auc 220 times: cargo xtask test --only crashes"]
async fn a_home_over_postgresql_that_is_killed_220_times_repeats_no_number() -> Result<()> {
    let server = Postgres::start(Durability::Synchronised)?;
    let mut scene = Scene::new(Namespace::new()?, server.url(), 22).await?;
    scene.kill_homes(220)?;
    scene.judge(220);
    Ok(())
}

#[tokio::test]
#[ignore = "kills PostgreSQL 12 times: cargo xtask test --only crashes"]
async fn a_home_goes_on_after_its_postgresql_was_killed_and_repeats_no_number() -> Result<()> {
    let server = Postgres::start(Durability::Synchronised)?;
    let mut scene = Scene::new(Namespace::new()?, server.url(), 23).await?;
    let home = scene.home()?;
    for _ in 0..12 {
        scene.ask(&home)?;
        server.crash()?;
        while let Some(sqn) = scene.asker.answer()? {
            scene.issued.push(sqn);
        }
    }
    // the last one came back, and so does the home
    let vector = wait::until("a vector after the last crash", || {
        scene.asker.ask(&home).ok()?;
        scene.asker.answer().ok()?
    })?;
    scene.issued.push(vector);
    scene.judge(12);
    Ok(())
}
