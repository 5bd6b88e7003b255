"""Words to draft case: type, category, place, time, phone, department."""
