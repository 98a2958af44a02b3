//! Every way in, and intake, the one path behind them all.
