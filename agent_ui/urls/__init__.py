"""The URL tables: one module for each area of the product, collected by agent_ui.routes."""
