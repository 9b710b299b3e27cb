//! The tree against `ct-merkle`, for every size from 1 to 1,025 leaves: every root, every proof of inclusion, every pair of checkpoints.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use gaung::ledger::tree::{
    Frontier, Hash, Hashes, NotProven, consistency_proof, empty_root, inclusion_proof, leaf_hash, node_hash, range_hash,
    verify_consistency, verify_inclusion,
};
use proptest::prelude::*;
use sha2::Sha256;

/// All complete nodes of a tree, in memory.
#[derive(Default)]
pub struct Nodes(pub Vec<Vec<Hash>>);

impl Nodes {
    pub fn of(leaves: impl IntoIterator<Item = Hash>) -> (Self, Frontier) {
        let (mut nodes, mut frontier) = (Self::default(), Frontier::new());
        for leaf in leaves {
            nodes.push(&mut frontier, leaf);
        }
        (nodes, frontier)
    }
    pub fn push(&mut self, frontier: &mut Frontier, leaf: Hash) {
        frontier.append_noting(leaf, |level, index, hash| {
            if self.0.len() <= usize::from(level) {
                self.0.push(Vec::new());
            }
            let row = &mut self.0[usize::from(level)];
            assert_eq!(row.len() as u64, index, "nodes come in order");
            row.push(*hash);
        });
    }
}

impl Hashes for Nodes {
    type Error = String;
    fn node(&self, level: u8, index: u64) -> Result<Hash, String> {
        let row = self.0.get(usize::from(level)).ok_or("no such level")?;
        row.get(index as usize).copied().ok_or_else(|| format!("no node {index} on level {level}"))
    }
}

fn flat(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flatten().copied().collect()
}

#[test]
fn every_tree_of_up_to_1025_leaves_agrees_with_another_implementation() {
    let mut theirs: MemoryBackedTree<Sha256, Vec<u8>> = MemoryBackedTree::new();
    let (mut nodes, mut frontier, mut roots) = (Nodes::default(), Frontier::new(), vec![empty_root()]);
    let mut leaves = Vec::new();
    for size in 1..=1025_u64 {
        let bytes = format!("entry {size}").into_bytes();
        leaves.push(leaf_hash(&bytes));
        theirs.push(bytes.clone());
        nodes.push(&mut frontier, leaf_hash(&bytes));
        let root = frontier.root();
        roots.push(root);
        assert_eq!(root.as_slice(), theirs.root().as_bytes().as_slice(), "the root of {size}");
        assert_eq!(Frontier::of(&nodes, size), Ok(frontier.clone()));
        // Every entry and every older checkpoint of some sizes, and of all others every one of some.
        for other in 0..size {
            let inclusion = inclusion_proof(&nodes, other, size).unwrap();
            assert_eq!(flat(&inclusion), theirs.prove_inclusion(other as usize).as_bytes(), "entry {other} of {size}");
            let consistency = consistency_proof(&nodes, other, size).unwrap();
            if other > 0 {
                let expected = theirs.prove_consistency((size - other) as usize);
                assert_eq!(flat(&consistency), expected.as_bytes(), "from {other} to {size}");
            }
            if size <= 130 || (size + other) % 16 == 0 {
                verify_inclusion(other, size, &leaves[other as usize], &inclusion, &root).unwrap();
                verify_consistency((other, &roots[other as usize]), (size, &root), &consistency).unwrap();
            }
        }
    }
}

fn tree_of(size: u64) -> (Nodes, Frontier, Vec<Hash>) {
    let leaves: Vec<Hash> = (0..size).map(|at| leaf_hash(&at.to_be_bytes())).collect();
    let (nodes, frontier) = Nodes::of(leaves.iter().copied());
    (nodes, frontier, leaves)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// A frontier is its tree: its bytes give it back, subtrees may be appended whole, and it goes on from wherever it was put down.
    #[test]
    fn a_frontier_goes_on_from_wherever_it_was_put_down(size in 0_u64..700, cut in 0_u64..700, level in 0_u8..10) {
        let cut = cut.min(size);
        let (nodes, whole, leaves) = tree_of(size);
        let mut part = Frontier::of(&nodes, cut).unwrap();
        part = Frontier::from_bytes(&part.to_bytes()).unwrap();
        for leaf in &leaves[cut as usize..] {
            part.append(*leaf);
        }
        prop_assert_eq!(&part, &whole);
        // The same tree out of subtrees of one level, and leaves after them.
        let step = 1_u64 << level;
        let mut parts = Frontier::new();
        for index in 0..size / step {
            prop_assert!(parts.append_subtree(level, nodes.node(level, index).unwrap()));
        }
        for leaf in &leaves[(size / step * step) as usize..] {
            parts.append(*leaf);
        }
        prop_assert_eq!(parts.root(), whole.root());
        prop_assert_eq!(parts.append_subtree(level, leaf_hash(b"")), size % step == 0);
    }

    /// No proof holds for another index, size, leaf or root, nor with a hash changed, missing or too many.
    #[test]
    fn a_proof_holds_for_what_it_was_made_for_and_nothing_else(size in 2_u64..300, at in 0_u64..300, bit in 0_usize..256) {
        let at = at % size;
        let (nodes, frontier, leaves) = tree_of(size);
        let (root, leaf) = (frontier.root(), leaves[at as usize]);
        let proof = inclusion_proof(&nodes, at, size).unwrap();
        verify_inclusion(at, size, &leaf, &proof, &root).unwrap();
        prop_assert!(verify_inclusion((at + 1) % size, size, &leaf, &proof, &root).is_err());
        prop_assert_eq!(verify_inclusion(size, size, &leaf, &proof, &root), Err(NotProven::Beyond));
        let mut other = leaf;
        other[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(verify_inclusion(at, size, &other, &proof, &root), Err(NotProven::Root));
        let mut longer = proof.clone();
        longer.push(leaf);
        prop_assert_eq!(verify_inclusion(at, size, &leaf, &longer, &root), Err(NotProven::Length));
        prop_assert_eq!(verify_inclusion(at, size, &leaf, &proof[1..], &root), Err(NotProven::Length));

        let older = at.max(1);
        let older_root = range_hash(&nodes, 0, older).unwrap();
        let proof = consistency_proof(&nodes, older, size).unwrap();
        verify_consistency((older, &older_root), (size, &root), &proof).unwrap();
        for index in 0..proof.len() {
            let mut changed = proof.clone();
            changed[index][bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(verify_consistency((older, &older_root), (size, &root), &changed), Err(NotProven::Root));
        }
        prop_assert_eq!(verify_consistency((older, &root), (size, &root), &proof), Err(NotProven::Root));
        prop_assert_eq!(verify_consistency((older, &older_root), (size, &older_root), &proof), Err(NotProven::Root));
        prop_assert!(verify_consistency((older, &older_root), (size, &root), &proof[1..]).is_err());
        let mut longer = proof.clone();
        longer.push(leaf);
        prop_assert_eq!(verify_consistency((older, &older_root), (size, &root), &longer), Err(NotProven::Length));
        prop_assert_eq!(verify_consistency((size, &root), (older, &older_root), &proof), Err(NotProven::Beyond));
    }
}

#[test]
fn the_edges_of_what_a_proof_says() {
    let (nodes, frontier, leaves) = tree_of(3);
    let root = frontier.root();
    let hand_made = node_hash(&node_hash(&leaves[0], &leaves[1]), &leaves[2]);
    assert_eq!(root, hand_made);
    // SHA-256 of nothing, as RFC 6962 section 2.1 has it.
    assert_eq!(hex::encode(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(Frontier::new().root(), empty_root());
    // A tree of one: its root is its leaf, and its proof is empty.
    assert_eq!(inclusion_proof(&nodes, 0, 1), Ok(vec![]));
    verify_inclusion(0, 1, &leaves[0], &[], &leaves[0]).unwrap();
    // What comes before everything is consistent with everything, by an empty proof.
    verify_consistency((0, &empty_root()), (3, &root), &[]).unwrap();
    assert_eq!(verify_consistency((0, &root), (3, &root), &[]), Err(NotProven::Root));
    assert_eq!(verify_consistency((0, &empty_root()), (3, &root), &[root]), Err(NotProven::Length));
    verify_consistency((3, &root), (3, &root), &[]).unwrap();
    assert_eq!(verify_consistency((3, &root), (3, &leaves[0]), &[]), Err(NotProven::Root));
    assert_eq!(verify_consistency((3, &root), (3, &root), &[root]), Err(NotProven::Length));
    assert!(inclusion_proof(&nodes, 3, 3).is_err());
    assert!(consistency_proof(&nodes, 4, 3).is_err());
    // Bytes that are no frontier.
    let bytes = frontier.to_bytes();
    assert_eq!(bytes.len(), 8 + 2 * 32);
    assert!(Frontier::from_bytes(&bytes[..71]).is_err());
    assert!(Frontier::from_bytes(&[bytes.as_slice(), &[0; 32]].concat()).is_err());
    assert!(Frontier::from_bytes(&u64::MAX.to_be_bytes()).is_err());
}
