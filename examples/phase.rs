#[global_allocator]
static A: mimalloc::MiMalloc = mimalloc::MiMalloc;
use leidraad::{load::handbook::Drafts, load::sources, memo::Memo, *};
use std::time::Instant;
fn main() {
    let dir = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    let t = Instant::now();
    let snap = sources::read(&dir, &Default::default(), &[]).map_err(|_| ()).unwrap();
    eprintln!("read {:?}", t.elapsed());
    let memo = std::sync::Arc::new(Memo::new());
    let t = Instant::now();
    let p = Prepared::new(&snap.sources, Drafts::Left, &memo);
    eprintln!("prepared {:?}", t.elapsed());
    let t = Instant::now();
    memo.end_round();
    let p2 = Prepared::new(&snap.sources, Drafts::Left, &memo);
    eprintln!("prepared warm {:?}", t.elapsed());
    let t = Instant::now();
    let r = leidraad::render::pages(p2.handbook(), vec![p2.base.clone()], &memo);
    eprintln!("pages cold {:?}", t.elapsed());
    let t = Instant::now();
    let r2 = leidraad::render::pages(p2.handbook(), vec![p2.base.clone()], &memo);
    eprintln!("pages warm {:?}", t.elapsed());
    let t = Instant::now();
    drop(p);
    eprintln!("drop {:?}", t.elapsed());
    drop((r, r2));
    let t = Instant::now();
    let again = sources::sweep(&dir, &snap, &[]).map_err(|_| ()).unwrap();
    eprintln!("sweep {:?}", t.elapsed());
    let t = Instant::now();
    let again2 =
        sources::reread(&dir, &snap, [dir.join("content/deel-000/pagina-00007.md")].iter().map(|p| p.as_path()))
            .unwrap()
            .map_err(|_| ())
            .unwrap();
    eprintln!("reread {:?}", t.elapsed());
    drop((again, again2));
    for _ in 0..3 {
        let t = Instant::now();
        memo.end_round();
        eprintln!("end_round {:?}", t.elapsed());
        let t = Instant::now();
        let p = Prepared::new(&snap.sources, Drafts::Left, &memo);
        eprintln!("prepared warm {:?}", t.elapsed());
        let t = Instant::now();
        drop(p);
        eprintln!("drop warm {:?}", t.elapsed());
    }
    let n: usize = std::env::args().nth(2).and_then(|n| n.parse().ok()).unwrap_or(0);
    for _ in 0..n {
        memo.end_round();
        std::hint::black_box(Prepared::new(&snap.sources, Drafts::Left, &memo));
    }
}
