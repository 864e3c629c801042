//! What leidraad adds to CommonMark: tasks whose ticks are kept, and limits.

use std::collections::BTreeSet;

use crate::project::Project;

/// What the boxes of a page are called, in order.
fn tasks(page: &str) -> Vec<&str> {
    page.split("data-task=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn each_box_is_called_something_else_and_keeps_its_name() {
    let project = Project::new()
        .file("content/a.md", "# A\n\n- [ ] Licht uit\n\n## K {#k}\n\n- [ ] Oven uit\n- [ ] Licht uit\n- [ ] Licht uit\n\n## W {#w}\n\n- [ ] Licht uit\n")
        .file("content/organisations/x.yaml", "name: X\nchanges:\n  a: {append: '- [ ] Licht uit'}\n  a#k: {prepend: '- [ ] Licht uit', append: '- [ ] Licht uit'}\n")
        .file("content/organisations/y.yaml", "name: Y\nextends: x\nchanges:\n  a#k: {append: '- [ ] Licht uit'}\n  a#w: '- [ ] Licht uit'\n");
    project.build().done();
    let [base, x, y] = ["a.html", "x/a.html", "y/a.html"].map(|path| project.page(path));
    let [base, x, y] = [&base, &x, &y].map(|page| tasks(page));
    assert_eq!((base.len(), x.len(), y.len()), (5, 8, 9));
    for names in [&base, &x, &y] {
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }
    assert!(base.iter().all(|name| x.contains(name) && y.contains(name)), "{base:?} {x:?} {y:?}");
    let print = project.page("print.html");
    assert_eq!(tasks(&print), base);

    // An edit elsewhere in the section changes none.
    project.write("content/a.md", "# A\n\n- [ ] Licht uit\n\n## Keuken {#k}\n\nNieuw.\n\n- [ ] Nieuw\n- [ ] Licht uit\n- [ ] Oven uit\n- [ ] Licht uit\n\n## W {#w}\n\n- [ ] Licht uit\n".as_bytes());
    project.build().done();
    let page = project.page("a.html");
    assert!(base.iter().all(|name| tasks(&page).contains(name)), "{page}");
}
