"""Digital city management: grids, components, inspectors, inspections."""
