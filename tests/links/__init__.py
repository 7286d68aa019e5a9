"""Links between processes, and rooms behind them."""
