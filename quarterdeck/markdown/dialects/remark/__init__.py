"""remark and xaringan."""
