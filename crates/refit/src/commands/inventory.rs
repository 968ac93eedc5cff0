//! `refit inventory`

use crate::args::{InventoryArgs, InventoryFormat};
use crate::commands::{files, landscape, look, tell};
use crate::{inventory as human, output};
use refit_service::assess::Strictness;
use refit_service::documents::{to_json, to_yaml};
use refit_service::failure::Failure;
use refit_service::inventory::{exit_code, inventory as run};
use refit_service::knowing::Known;
use refit_service::landscape::{HelmReleases, Landscape, Sought};
use refit_service::report::inventory_markdown;

/// Tells what runs there.
pub(crate) async fn inventory(known: &Known, args: &InventoryArgs) -> Result<u8, Failure> {
    output::apart(&args.delivery.output_file, files(&args.source))?;
    let mut landscape = landscape(&args.source, Sought::Everything);
    if let (Landscape::Live(live), true) = (&mut landscape, args.helm_releases) {
        live.releases = HelmReleases::Read;
    }
    let reading = look(&landscape, known).await?;
    tell(&reading.notes);
    let now = args.now.unwrap_or_else(jiff::Timestamp::now);
    let inventory = run(&reading, known, args.to.as_ref(), now)?;
    let text = match args.output {
        InventoryFormat::Human => human::inventory(&inventory, output::width()),
        InventoryFormat::Json => to_json(&inventory)?,
        InventoryFormat::Yaml => to_yaml(&inventory)?,
        InventoryFormat::Markdown => inventory_markdown(&inventory),
    };
    match args.output {
        InventoryFormat::Human | InventoryFormat::Markdown => {
            output::prose(&text, &args.delivery.output_file)?;
        }
        InventoryFormat::Json | InventoryFormat::Yaml => {
            output::deliver(&text, &args.delivery.output_file)?;
        }
    }
    let strictness = if args.strict {
        Strictness::Strict
    } else {
        Strictness::Normal
    };
    Ok(exit_code(&inventory, args.to.as_ref(), strictness))
}
