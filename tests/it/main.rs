
mod edit;
