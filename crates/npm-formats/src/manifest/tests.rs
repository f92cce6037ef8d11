mod edit;
mod normalize;
